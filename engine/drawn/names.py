"""First names of people who do not exist, each with the sex and region it suggests.

Rows hold eight people; the first two of a row share a region because persons ``8k`` and ``8k + 1`` are siblings.
"""

from typing import Final, Literal, cast

Sex = Literal["f", "m"]
Region = Literal["north", "middle", "east", "south", "africa", "americas"]

_ROWS: Final = (
    "Zoë f north,Łukasz m north,小雪 f east,José m americas,Amara f africa,Ravi m south,نور f middle,Kenji m east",
    "さくら f east,Hiro m east,Олена f north,Kwame m africa,Lucía f americas,Omar m middle,Priya f south,Björn m north",
    "Adaeze f africa,Chidi m africa,Freya f north,Mateo m americas,"
    "Mei f east,Yusuf m middle,Ananya f south,Owen m north",
    "Inês f americas,Tomás m americas,Leyla f middle,Jun m east,"
    "Élodie f north,Sipho m africa,Kavya f south,Дмитро m north",
    "Meera f south,Arjun m south,지우 f east,Matteo m middle,"
    "Wanjiru f africa,Diego m americas,Saoirse f north,Minh m east",
    "Ελένη f middle,Nikos m middle,Linh f east,Søren m north,"
    "Thandi f africa,Rahul m south,Valentina f americas,Wei m east",
    "Greta f north,Jürgen m north,Ayumi f east,Kofi m africa,"
    "Camila f americas,Karim m middle,Lakshmi f south,健太 m east",
    "Zuri f africa,Jabari m africa,Michèle f north,Andrés m americas,"
    "Hana f east,Emre m middle,Divya f south,Håkon m north",
)


def _parse(entry: str) -> tuple[str, Sex, Region]:
    name, sex, region = entry.split()
    return name, cast(Sex, sex), cast(Region, region)


NAMES: Final[tuple[tuple[str, Sex, Region], ...]] = tuple(_parse(entry) for row in _ROWS for entry in row.split(","))


def name_of(number: int) -> tuple[str, Sex, Region]:
    """Give the name, sex and region of a person.

    Args:
        number: the person's number, from 0.

    Returns:
        The name, which no other number has, sex and region.

    Example:
        >>> name_of(0), name_of(64)
        (('Zoë', 'f', 'north'), ('Zoë-2', 'f', 'north'))
    """
    name, sex, region = NAMES[number % len(NAMES)]
    turn = number // len(NAMES)
    return (f"{name}-{turn + 1}" if turn else name), sex, region
