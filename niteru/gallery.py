"""The front door: a gallery of people's faces, with the verbs of the command line.

Each verb loads what it needs when it is first used, so that ``import niteru`` costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from niteru.naming import Naming
from niteru.results import Comparison, Match, Matches, People, Person, PersonVectors

if TYPE_CHECKING:
    from niteru.indexer.ask.changes import Changes, Since
    from niteru.indexer.ask.live_gallery import LiveGallery
    from niteru.indexer.ask.lookalike import By, LookAlike, Mode
    from niteru.indexer.ask.probe import Photo, Probe
    from niteru.indexer.ask.stats import Stats
    from niteru.indexer.gallery import Gallery as OpenGallery
    from niteru.indexer.gallery import GalleryReader
    from niteru.indexer.update.receipt import Receipt
    from niteru.indexer.update.summary import Summary
    from niteru.indexer.update.verifying import Verdict
    from niteru.shortlist import Shortlist


class Gallery(Naming):
    """A gallery: people, their photos, and who looks like whom. All failures are :class:`niteru.Failure`.

    Args:
        address: a folder, made by the first :meth:`index` or :meth:`add`; or ``milvus://HOST:PORT/NAME``,
            ``milvus:FOLDER``.

    Example:
        >>> from niteru.engine.drawn import write_people
        >>> drawn = list(write_people(Path("photos"), people=6, photos=3))      # six people who do not exist
        >>> gallery = Gallery("gallery")
        >>> gallery.index("photos").people
        6
        >>> best = gallery.similar("photos/Amara/Amara_0001.jpg", k=3)[0]
        >>> 0 < best.rarity <= 1
        True
    """

    def __init__(self, address: str | Path = "gallery") -> None:
        super().__init__(address)
        self._asked: LiveGallery | None = None

    def __repr__(self) -> str:
        return f"niteru.Gallery({str(self.address)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the model and the index that questions use; the next question loads them again."""
        if self._asked is not None:
            self._asked.close()
            self._asked = None

    def index(
        self,
        faces: str | Path,
        *,
        crops: bool = False,
        dry: bool = False,
        kind: str | None = None,
        least_recall: float | None = None,
        person_level: int | None = None,
        columns: str | None = None,
        names: Literal["folders", "metadata"] | None = None,
        yes: bool = False,
    ) -> Summary:
        """Bring the gallery up to date with photos: enrol what is new or changed, drop what is gone.

        A run that would take a person, or more than a fifth of the photos, out of the gallery changes nothing and
        raises a :class:`niteru.Failure` with the slug ``would-lose``, unless ``yes``.

        Args:
            faces: a folder with one folder a person, an address such as ``s3://bucket/photos``, or a table
                (CSV, .xlsx, .xls, .ods) of ``path,person``, whose further columns are kept.
            crops: the pictures are face crops already.
            dry: only tell what would be done.
            kind: of index from now on: ``flat``, ``hnsw``, ``ivfpq``, ``annoy`` or ``auto``; as it was if None.
            least_recall: share of the nearest other people that the index must find; as it was if None.
            person_level: which folder below ``faces`` is the person's, from 1; as it was if None, at first the photo's
                own.
            columns: names of the columns for path and person in a table: ``photo=NAME,person=NAME``.
            names: where people's names come from: ``folders``, or ``metadata``, which photo programs wrote into photos
                and beside them; as it was if None, at first folders.
            yes: people, and any number of photos, may go.

        Returns:
            What was done, photo by photo.
        """
        from niteru.engine.photos.tables.photo_table import PATH_AND_PERSON, ColumnNames
        from niteru.indexer.update.enrol import update
        from niteru.indexer.update.names_wanted import NamesFrom

        return update(
            self.address,
            faces,
            crops=crops,
            dry=dry,
            kind=kind,
            least_recall=least_recall,
            person_level=person_level,
            columns=ColumnNames.parse(columns) if columns else PATH_AND_PERSON,
            names=NamesFrom(names) if names else None,
            agree=lambda _: yes,
        )

    def add(self, person: str, photos: str | Path | Iterable[str | Path]) -> Summary:
        """Enrol photos of one person by hand; they stay until they are forgotten, whatever :meth:`index` is given.

        Args:
            person: whose they are.
            photos: one file or several.
        """
        from niteru.indexer.update.adding import add

        files = [photos] if isinstance(photos, str | Path) else photos
        return add(self.address, person, [Path(file) for file in files])

    def forget(self, person: str | None = None, photos: Iterable[str] = ()) -> Receipt:
        """Forget a person, or single photos, with proof, and keep them from coming in again.

        With neither, end a forgetting that was interrupted or that left something behind.

        Args:
            person: a name.
            photos: or paths below FACES.
        """
        from niteru.indexer.update.forgetting import forget

        return forget(self.address, person, photos)

    def similar(
        self,
        photo: Photo | Sequence[Photo] | None = None,
        *,
        person: str | None = None,
        k: int = 10,
        by: By = "person",
        mode: Mode = "lookalike",
        max_rarity: float | None = None,
        where: str | Iterable[str] = (),
        age: int | str | None = None,
        not_related: bool = False,
        face: str | int = "main",
    ) -> Matches:
        """The people who look like a face, or like a person.

        Args:
            photo: a file, its bytes, a picture as an array (uint8 RGB, (height, width, 3)), somebody's name, a photo's
                path in the gallery, or ``face:ID``; or a list of files, bytes or arrays of one person.
            person: instead of a photo, a name: the person is asked about by all of their photos, as in the report.
            k: people wanted.
            by: one row a ``person``, or one a ``face``.
            mode: ``lookalike`` for other people; ``all`` for everybody.
            max_rarity: leave out what is more common than this.
            where: conditions on what a table says of people, ``COLUMN:VALUE`` or ``COLUMN:LOW..HIGH``: one or several.
            age: only photos that show people so old, in years: 20 for 18 to 22, a tenth more or less; or ``"18..25"``.
                A person is asked about by such photos, too.
            not_related: leave out people of one family with whoever is asked about.
            face: of a photo that shows several: ``main``, ``largest``, ``center``, or a number from 0.

        Raises:
            UnclearQuestion: both a photo and a person are given, neither is, or rows by face of a person are wanted.
            PersonNotFound, PersonWithoutFace: nobody has that name, or no face of theirs is in the index.
            AgeUnknown: nobody knows how old the person is, or no photo shows them at that age.
        """
        from niteru.indexer.ask.ages import Ages
        from niteru.indexer.ask.answers import notes_on
        from niteru.indexer.ask.asking import check_one, look_alikes
        from niteru.indexer.ask.lookalike import Wish
        from niteru.indexer.ask.probe import from_person, probe_of

        check_one(photo, person)
        ages = None if age is None else Ages.parse(str(age))
        with self._reader() as (live, reader):
            if person is not None:
                probe = from_person(reader, person, ages)
            else:
                photos = _several(photo)  # type: ignore[arg-type]
                probe = probe_of(reader, live.recogniser(reader.generation), photos, str(face))
            wish = Wish(k, by, mode, max_rarity, _texts(where), ages=ages, not_related=not_related)
            found = look_alikes(live, reader, probe, wish)
            return Matches(
                [_match(reader, row) for row in found.results],
                asked=probe.asked,
                nobody_alike=found.nobody_alike,
                probe=_jpeg_of(reader, probe),
                note="; ".join(notes_on(probe.person, found)),
            )

    def shortlist(
        self,
        people: str | Iterable[str],
        probe: Photo | Sequence[Photo] | None = None,
        *,
        columns: str | Iterable[str] = (),
        face: str | int = "main",
    ) -> Shortlist:
        """People who were picked, with a portrait each, to look at or to save as a sheet or a table.

        Args:
            people: names, in the order wanted.
            probe: whom they are compared with: a photo or a person, as ``photo`` for :meth:`similar`.
            columns: names of those that are shown, one or several; none by default.
            face: of a probe that shows several, as for :meth:`similar`.

        Raises:
            UnusableShortlist: nobody is named, or more than 100 people.
            PersonNotFound, PersonWithoutFace: somebody named is not there, or has no face in the index.
            ColumnNotFound: no table has such a column.

        Example:
            >>> gallery.shortlist(["Ada", "Bo"], "me.jpg", columns="agency").save("shortlist.pdf")  # doctest: +SKIP
        """
        from niteru.indexer.ask.probe import probe_of
        from niteru.indexer.ask.shortlist import shortlist
        from niteru.shortlist import Shortlist

        with self._reader() as (live, reader):
            asked = None
            if probe is not None:
                asked = probe_of(reader, live.recogniser(reader.generation), _several(probe), str(face))
            return Shortlist(shortlist(live, reader, _texts(people), asked, _texts(columns)))

    def compare(self, one: Photo, other: Photo) -> Comparison:
        """How alike two people or two photos are, and why.

        Args:
            one: as for :meth:`similar`.
            other: the same.
        """
        from niteru.indexer.ask.comparison import compare, side_of
        from niteru.indexer.ask.probe import probe_of
        from niteru.indexer.storage.crops import encoded

        with self._reader() as (live, reader):
            recogniser = live.recogniser(reader.generation)
            probes = [(asked, probe_of(reader, recogniser, [asked])) for asked in (one, other)]
            sides = [side_of(reader, probe, _called(asked)) for asked, probe in probes]
            found = compare(live, reader, *sides)
        first, second = (None if side.crop is None else encoded(side.crop) for side in sides)
        names = sides[0].name, sides[1].name
        ends, sure = (found.likely.rarest, found.likely.most_common), found.likely.how_sure
        said = (found.same_person, found.why)
        return Comparison(*names, found.similarity, found.rarity, *ends, sure, *said, crops=(first, second))

    def people(self, *, where: str | Iterable[str] = ()) -> People:
        """Everybody in the gallery, by name.

        Args:
            where: only those who meet these conditions, as for :meth:`similar`.
        """
        from niteru.indexer.ask.listed_people import listed_people, named_people
        from niteru.indexer.lives.columns_of_people import columns_of_people

        with self._opened() as gallery:
            found = listed_people(
                named_people(gallery.queries.people()), columns_of_people(gallery.catalog), _texts(where)
            )
            return People([Person(one.person, one.faces, one.columns) for one in found])

    def changes(self, since: Since = None) -> Changes:
        """Who came, who went, and who has more photos, added up since a moment.

        Args:
            since: the number of a generation; a date or a time, also as text in the form of ISO 8601; ``"today"`` or
                ``"yesterday"``. Since the generation before the current one if None.

        Raises:
            BadMoment: that is no moment, or no such generation was published.
        """
        from niteru.indexer.ask.changes import changes

        with self._opened() as gallery:
            return changes(gallery.catalog.history, since)

    def vectors(self) -> PersonVectors:
        """Everybody as one vector each: the one that the report compares them by."""
        from niteru.indexer.ask.persons import everybody

        with self._opened() as gallery:
            persons = everybody(gallery)
        return PersonVectors(persons.names, persons.vectors)

    def report(
        self,
        folder: str | Path = "report",
        *,
        k: int = 5,
        people: Iterable[str] | None = None,
        max_rarity: float = 1.0,
        anonymise: bool = False,
        since: int | None = None,
        where: str | Iterable[str] = (),
    ) -> Path:
        """Write who looks like whom over everybody: a page that opens without a server, and tables.

        Args:
            folder: where it goes; an older report there is replaced.
            k: nearest people a row.
            people: names of those to compare; everybody if None.
            max_rarity: leave out what is more common.
            anonymise: numbers for names and faces of a few squares, to show to others.
            since: number of the generation to tell what is new since.
            where: conditions that those compared meet, as for :meth:`similar`.

        Returns:
            The page.
        """
        from niteru.serve.report.report import Wanted, write_report

        names = None if people is None else frozenset(people)
        with self._opened() as gallery:
            wanted = Wanted(k, names, max_rarity, anonymise, since, _texts(where))
            return write_report(gallery, Path(folder), wanted)

    def stats(self) -> Stats:
        """What the gallery holds: people, photos, faces, columns, the generation in use, its model and index."""
        from niteru.indexer.ask.stats import stats

        with self._opened() as gallery:
            return stats(gallery)

    def verify(self) -> Verdict:
        """Whether the gallery is what it says it is: checksums, every face, and a sample embedded again."""
        from niteru.indexer.update.verifying import verify

        return verify(self.address)

    @contextmanager
    def _opened(self) -> Iterator[OpenGallery]:
        from niteru.indexer.gallery import Gallery as OpenGallery

        with closing(OpenGallery(self.address)) as gallery:
            yield gallery

    @contextmanager
    def _reader(self) -> Iterator[tuple[LiveGallery, GalleryReader]]:
        live = self._live()
        with closing(live.open()) as reader:
            yield live, reader

    def _live(self) -> LiveGallery:
        if self._asked is None:
            from niteru.indexer.ask.live_gallery import LiveGallery

            self._asked = LiveGallery(self.address)
        return self._asked


def _several(photo: Photo | Sequence[Photo]) -> list[Photo]:
    return list(photo) if isinstance(photo, list | tuple) else [photo]  # type: ignore[list-item]


def _called(photo: Photo) -> str:
    return Path(photo).name if isinstance(photo, str | Path) else "photo"


def _texts(some: str | Iterable[str]) -> tuple[str, ...]:
    return (some,) if isinstance(some, str) else tuple(some)


def _match(reader: GalleryReader, row: LookAlike) -> Match:
    from niteru.indexer.ask.how_sure import rarity_as_dict

    first = row.hits[0].face
    photos = tuple(hit.face.photo for hit in row.hits)
    generation = reader.generation
    columns = generation.columns.of(first.person_id or 0)
    crop, rarity = reader.crops.data(first.id), rarity_as_dict(row.rarity, row.likely)
    return Match(
        row.person,
        round(row.similarity, 4),
        **rarity,  # type: ignore[arg-type]
        photos=photos,
        face=first.id,
        same_person=row.same_person,
        related=row.related,
        ages=tuple(generation.age_of(first.person_id, generation.taken_of(hit.face.id)) for hit in row.hits),
        columns=columns,
        crop=crop,
    )


def _jpeg_of(reader: GalleryReader, probe: Probe) -> bytes | None:
    from niteru.indexer.storage.crops import encoded

    return encoded(probe.crop) if probe.crop is not None else reader.crops.data(probe.face["id"])
