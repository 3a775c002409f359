"""Names in the files of JSON that Google Takeout puts beside photos: ``"people": [{"name": "Ada"}]``, without boxes.

Google does not document them; papa-vova/gphotos-321sync does (``Google_Takeout_Structure.md``): ``IMG_1.jpg`` has
``IMG_1.jpg.supplemental-metadata.json``, in older exports ``IMG_1.jpg.json``. Names of more than 51 letters are cut to
46 before ``.json``, and the number of a second file of one name comes last: ``IMG_1(1).jpg`` has ``IMG_1.jpg(1).json``.
An edited copy, ``IMG_1-edited.jpg``, has no file of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from niteru.engine.photos.names.claim import Claim
from niteru.engine.photos.names.named import Fault, FaultKind, Source
from niteru.engine.photos.names.xml_tree import MOST_BYTES

MOST_PEOPLE = 250
"""Of one photo."""
_LETTERS = 46
_NUMBERED = re.compile(r"(.+)(\([1-9][0-9]{0,4}\))")
_EDITED = "-edited"


def takeout_names(photo: str) -> list[tuple[str, ...]]:
    """Names that a photo's file may have, in the order in which they are looked for.

    Example:
        >>> takeout_names("IMG_1.jpg")
        [('IMG_1.jpg.supplemental-metadata.json', 'IMG_1.jpg.json')]
        >>> takeout_names("IMG_20200920_131207(2).jpg")[1]
        ('IMG_20200920_131207.jpg.supplemental-metadata(2).json', 'IMG_20200920_131207.jpg(2).json')
    """
    path = PurePosixPath(photo)
    found = [_cut(photo, "")]
    if numbered := _NUMBERED.fullmatch(path.stem):
        found.append(_cut(numbered[1] + path.suffix, numbered[2]))
    if path.stem.endswith(_EDITED):
        found.append(_cut(path.stem.removesuffix(_EDITED) + path.suffix, ""))
    return found


def _cut(photo: str, number: str) -> tuple[str, ...]:
    return tuple(f"{name[:_LETTERS]}{number}.json" for name in (f"{photo}.supplemental-metadata", photo))


def takeout_claims(data: bytes, file: str, faults: list[Fault]) -> Iterator[Claim]:
    """Names in one of the files.

    Args:
        data: its bytes.
        file: its path, for sentences.
        faults: what is wrong is added to them.
    """
    if len(data) > MOST_BYTES:
        faults.append(Fault(FaultKind.TOO_LARGE, f"{file}: its names were not read: more than {MOST_BYTES:,} bytes"))
        return
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(FaultKind.BROKEN_FILE, f"{file}: its names were not read: no JSON ({error})"))
        return
    people = told.get("people") if isinstance(told, dict) else None  # other programs write JSON beside photos, too
    people = people if isinstance(people, list) else []
    if len(people) > MOST_PEOPLE:
        what = f"{file}: only the first {MOST_PEOPLE:,} of {len(people):,} names were read"
        faults.append(Fault(FaultKind.TOO_LARGE, what))
    for one in people[:MOST_PEOPLE]:
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str) and name.strip():
            yield Claim(name, None, Source.GOOGLE, file)
