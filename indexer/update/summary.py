"""Summary of a run over photos."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from niteru.engine.photos.names.named import Fault
from niteru.engine.photos.skip_reason import SkipReason
from niteru.indexer.ask.changes import Changes


@dataclass
class NamesTaken:
    """Names that photo programs gave.

    Attributes:
        photos: number of photos whose names were read by this run.
        faces: number of faces in the gallery that have their name from there.
        faults: what was wrong in the files that were read, and what in the whole gallery no face could be given.
    """

    photos: int = 0
    faces: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Summary:
    """What a run did, or would do; photos are paths below FACES.

    ``people_changed`` has who came, who went, and who has more or fewer photos; ``newly_told`` those of the skipped
    photos that no run before has told, unless they were forgotten.
    ``moved`` are known photos under a new name or in another person's folder; ``skipped`` has the reason for each;
    ``faces`` counts those that are searched, ``groups`` the groups among them that nobody has named, ``unlabelled``
    the faces that are too poor to be searched without a name, or nobody's; ``albums`` are the folders that show
    many people, so that their names are nobody's; ``columns`` counts the unchanged photos of which a table says
    something else now; ``dated`` counts the photos that are searched and have a date, ``dates_read`` those known before
    that were read for one; ``disputed`` has the birth years of people of whom tables say several; ``names`` tells of
    those that photo programs gave, if they are read.

    Example:
        >>> summary = Summary(added=["Ada/1.jpg"], skipped={"Bo/note.jpg": "unsupported-type"}, faces=1, people=1)
        >>> summary.to_dict()["added"], summary.to_dict()["skipped"]
        (1, [{'photo': 'Bo/note.jpg', 'reason': 'unsupported-type'}])
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    newly_told: dict[str, str] = field(default_factory=dict)
    people_changed: Changes = field(default_factory=lambda: Changes(None))
    faces: int = 0
    people: int = 0
    groups: int = 0
    unlabelled: int = 0
    albums: list[str] = field(default_factory=list)
    columns: int = 0
    dated: int = 0
    dates_read: int = 0
    disputed: dict[str, list[int]] = field(default_factory=dict)
    generation: int | None = None
    seconds: float = 0.0
    dry: bool = False
    losses: str | None = None
    mended: str | None = None
    names: NamesTaken | None = None

    @property
    def unusable(self) -> dict[str, str]:
        """Skipped photos and their reasons, without those of people who were forgotten."""
        return {photo: reason for photo, reason in self.skipped.items() if reason != SkipReason.FORGOTTEN}

    def to_dict(self) -> dict[str, object]:
        """Dictionary for JSON, with numbers instead of lists of photos."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "moved": len(self.moved),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
            "skipped": _reasons(self.skipped),
            "newly_told": _reasons(self.newly_told),
            "came": sorted(self.people_changed.came),
            "went": self.people_changed.went,
            "more": self.people_changed.more,
            "fewer": self.people_changed.fewer,
            "faces": self.faces,
            "people": self.people,
            "groups": self.groups,
            "unlabelled": self.unlabelled,
            "generation": self.generation,
            "seconds": round(self.seconds, 2),
            **({"albums": self.albums} if self.albums else {}),
            **({"columns": self.columns} if self.columns else {}),
            "dated": self.dated,
            **({"dates_read": self.dates_read} if self.dates_read else {}),
            **({"disputed": self.disputed} if self.disputed else {}),
            **({"losses": self.losses} if self.losses else {}),
            **({"mended": self.mended} if self.mended else {}),
            **({"names": asdict(self.names)} if self.names else {}),
        }


def _reasons(photos: dict[str, str]) -> list[dict[str, str]]:
    return [{"photo": photo, "reason": why} for photo, why in sorted(photos.items())]
