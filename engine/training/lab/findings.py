"""Findings of an experiment, stored in a file and written as a chapter."""

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
    """A table with a title, names of columns, and rows of text."""

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join([f"**{self.title}**", "", *("| " + " | ".join(line) + " |" for line in lines)])


@dataclass(frozen=True, slots=True)
class Story:
    """An experiment in Markdown: its title, what its first builders did and saw, and our answer."""

    title: str
    theirs: str
    answer: str


@dataclass(slots=True)
class Findings:
    """Findings of one run of an experiment.

    Attributes:
        name: name of the experiment.
        data: the faces and their number.
        tables: tables of what was measured.
        pictures: names of files in the same folder, with their captions.
        notes: remarks, such as what could not be done.
        quick: whether it was a short run that shows only that the experiment works.
        seconds, core_seconds: time by the clock, and time of all processor cores.
        command, machine: the command and the machine that ran it.
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
        """The findings, for JSON."""
        return asdict(self)

    def save(self, folder: Path) -> None:
        """Write the findings into a folder."""
        (folder / FILE).write_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Findings:
        """Read the findings in a folder."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        tables = [Table(**table) for table in content.pop("tables")]
        pictures = [(file, caption) for file, caption in content.pop("pictures")]
        return cls(**content, tables=tables, pictures=pictures)

    def markdown(self, pictures: str) -> str:
        """The findings as Markdown, with links to pictures in the folder ``pictures``."""
        shown = [f"![{caption}]({pictures}/{file})" for file, caption in self.pictures]
        clock = f"{self.seconds / 60:.1f} minutes, {self.core_seconds:.0f} core-seconds on {self.machine}"
        here = f"*Here*, `{self.command}` ({clock}): {self.data}"
        return "\n\n".join([as_prose(here), *(table.markdown() for table in self.tables), *shown, *self.notes]) + "\n"
