"""What a run over photos did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Summary:
    """What a run did, or would do; photos by their path below FACES.

    ``moved`` are known photos under a new name, or in another person's folder; ``faces`` are those with a name;
    ``unlabelled`` are the others in people's photos.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    faces: int = 0
    people: int = 0
    unlabelled: int = 0
    generation: int | None = None
    seconds: float = 0.0
    dry: bool = False

    def to_dict(self) -> dict[str, object]:
        """The answer of ``niteru index --json``."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "moved": len(self.moved),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
            "skipped": [{"photo": photo, "reason": why} for photo, why in sorted(self.skipped.items())],
            "faces": self.faces,
            "people": self.people,
            "unlabelled": self.unlabelled,
            "generation": self.generation,
            "seconds": round(self.seconds, 2),
        }
