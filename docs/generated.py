"""What these pages say in the program's own words; ``cog`` asks for it, ``make docs`` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from niteru.scripts.cli import niteru
from niteru.serve.http.problems_in_words import PROBLEMS_IN_WORDS
from niteru.serve.http.statuses import PROBLEM_TYPES, types_by_status
from niteru.serve.words import Table
from niteru.serve.words import sentences as every_sentence

WIDTH = 100
"""Columns of a command's help."""


def commands() -> str:
    """Each command with its help, as Markdown."""
    chapters = [f"## {name}\n\n```text\n{words}\n```\n" for name, words in _helps(niteru, click.Context(niteru))]
    return "\n".join(chapters)


def statuses() -> str:
    """The table of failures over HTTP, as Markdown."""
    patient = {row.status for row in PROBLEM_TYPES.values() if row.retry_after is not None}
    rows = ["| status | type | the page says |", "|---|---|---|"]
    for status, types in types_by_status().items():
        header = " with `Retry-After`" if status in patient else ""
        rows += [f"| {status}{header} | `{name}` | {PROBLEMS_IN_WORDS[name]['en']} |" for name in types]
    return "\n".join(rows)


def sentences(table: Table = "page") -> str:
    """The table of everything that pages say by one table of sentences, as Markdown."""
    rows = ["| | English | 日本語 | 繁體中文 |", "|---|---|---|---|"]
    for key, forms in every_sentence(table).items():
        cells = (" / ".join(form.values()) if isinstance(form, dict) else form for form in forms.values())
        rows.append(f"| `{key}` | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def file(name: str, language: str) -> str:
    """A file of the repository as a block of code."""
    text = (Path(__file__).parents[1] / name).read_text(encoding="utf-8").expandtabs(4)
    return f"```{language}\n{text}```"


def _helps(group: click.Group, parent: click.Context) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None, "it was listed"
        path = f"{parent.info_name or 'niteru'} {name}"
        context = click.Context(command, info_name=path, terminal_width=WIDTH, help_option_names=["-h", "--help"])
        if isinstance(command, click.Group):
            yield from _helps(command, context)
        else:
            yield path, command.get_help(context)
