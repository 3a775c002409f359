"""What an experiment found, kept as a file and told as a chapter."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE = "findings.json"


def as_prose(words: str) -> str:
    """Words as one paragraph in the width of the pages."""
    return textwrap.fill(words, 120, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, names of columns, and rows of words."""

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """As Markdown."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join([f"**{self.title}**", "", *("| " + " | ".join(line) + " |" for line in lines)])


@dataclass(frozen=True, slots=True)
class Story:
    """Of an experiment: its title, what the first builders did and saw, and our answer; Markdown."""

    title: str
    theirs: str
    answer: str


@dataclass(slots=True)
class Findings:
    """Of one run of an experiment.

    Attributes:
        name: of the experiment.
        data: whose faces, how many.
        tables: what was measured.
        pictures: files beside this one, and what they show.
        notes: what could not be done here.
        quick: a short run that shows only that it runs.
        seconds, core_seconds: by the clock, and of all processors.
        command, machine: that it was made by, and on.
    """

    name: str
    data: str = ""
    tables: list[Table] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quick: bool = False
    seconds: float = 0.0
    core_seconds: float = 0.0
    command: str = ""
    machine: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    def save(self, folder: Path) -> None:
        """Keep it."""
        (folder / FILE).write_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Findings:
        """Read it again."""
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        tables = [Table(**table) for table in said.pop("tables")]
        pictures = [(file, words) for file, words in said.pop("pictures")]
        return cls(**said, tables=tables, pictures=pictures)

    def markdown(self, pictures: str) -> str:
        """What was measured, with pictures that lie in a folder of that name."""
        shown = [f"![{words}]({pictures}/{file})" for file, words in self.pictures]
        clock = f"{self.seconds / 60:.1f} minutes, {self.core_seconds:.0f} core-seconds on {self.machine}"
        here = f"*Here*, `{self.command}` ({clock}): {self.data}"
        return "\n\n".join([as_prose(here), *(table.markdown() for table in self.tables), *shown, *self.notes]) + "\n"
