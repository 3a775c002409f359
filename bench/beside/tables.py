"""The tables of ``docs/benchmarks.md``, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.beside.targets import NITERU, Target, frontier
from bench.beside.works.install import COMMANDS
from bench.regression import LAST_RELEASE

Rows = dict[str, Any]


def table(rows: Iterable[Sequence[Any]], *head: str) -> str:
    """Write a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(short(cell) for cell in line) + " |" for line in lines)


def short(value: Any) -> str:
    """Write a value with three digits at most, or as a dash if there is none.

    Example:
        >>> short(1234.5), short(0.01234), short(None)
        ('1,234', '0.0123', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def ordered(rows: Rows) -> Rows:
    """Sort rows by name, niteru's first."""
    return dict(sorted(rows.items(), key=lambda item: (not item[0].startswith(NITERU), item[0].lower())))


def _times(value: float) -> str:
    return f"{value:.3g}×"


def promised(targets: list[Target], before: list[Target]) -> str:
    """Table of all targets; with the last release's figures, where there are any."""
    if not before:
        single = [(one.work, one.promise, one.figure, "kept" if one.kept else "**missed**") for one in targets]
        return table(single, "work", "promise", "measured", "")
    then, now = ({(one.work, one.promise): one for one in some} for some in (before, targets))
    rows = [(*key, _judged(then.get(key)), _judged(now.get(key))) for key in then | now]
    return table(rows, "work", "promise", LAST_RELEASE, "now")


def _judged(target: Target | None) -> str | None:
    if target is None:
        return None
    return target.figure if target.kept else f"**missed**: {target.figure}"


def index(rows: Rows) -> str:
    """Table of the way from a folder to an index."""
    ours = rows[NITERU]
    lines = []
    for name, row in rows.items():
        if name == "all":
            continue
        whole, added = row["from_nothing"], row["ten_added"]
        ratio = ours["from_nothing"]["photos_a_second"] / whole["photos_a_second"]
        again = added["wall_s"] / ours["ten_added"]["wall_s"]
        cells = (row.get("faces"), whole["wall_s"], whole["core_s"], whole["photos_a_second"], _times(ratio))
        lines.append((name, *cells, added["wall_s"], _times(again), whole["peak_mb"], whole["turns"]))
    head = ("faces found", "seconds", "core-seconds", "photos a second", "niteru is", "ten more, seconds", "niteru is")
    return table(lines, "", *head, "memory, MB", "turns")


def start(rows: Rows) -> str:
    """Table of the way from nothing to the first answer."""
    ours = rows[NITERU]["wall_s"]
    lines = []
    for name, row in rows.items():
        spread, ratio = f"{row['least_s']:.2f}–{row['most_s']:.2f}", _times(row["wall_s"] / ours)
        lines.append((name, row["wall_s"], spread, row["core_s"], ratio, row["peak_mb"]))
    return table(lines, "", "seconds", "least–most", "core-seconds", "niteru is", "memory, MB")


def asking(rows: Rows) -> str:
    """Table of one question, by photo and by id."""
    sizes = sorted(rows[NITERU], key=int)
    lines = []
    for step, label in (("photo_ms", "by photo"), ("id_ms", "by id")):
        for name, row in rows.items():
            if any(step in row.get(size, {}) for size in sizes):
                lines.append((f"{name}, {label}", *(row.get(size, {}).get(step) for size in sizes)))
    bare = [rows[NITERU][size] for size in sizes]
    lines.append(("*decode, find, embed, FAISS alone*", *(row["floor_ms"] for row in bare)))
    lines.append(("*of that, FAISS*", *(row["search_ms"] for row in bare)))
    lines.append(("memory, MB: niteru", *(row["peak_mb"] for row in bare)))
    for name in (other for other in rows if other != NITERU):
        lines.append((f"memory, MB: {name}", *(rows.get(name, {}).get(size, {}).get("peak_mb") for size in sizes)))
    return table(lines, "", *(f"{int(size):,} faces" for size in sizes))


def end_to_end(rows: Rows) -> str:
    """Table of the accuracy on whole photographs."""
    lines = []
    for name, row in rows.items():
        shares = (f"{row[key]:.3f}" for key in ("recall_at_1", "recall_at_1_of_found", "tar_at_far_1e-3"))
        lines.append((name, f"{row['faces']:,} of {row['photos']:,}", *shares))
    head = ("faces found", "nearest other photo is of the same person", "of those found")
    return table(lines, "", *head, "pairs of one person accepted, at one false in 1,000")


def search(rows: Rows) -> str:
    """Table of each library at the least effort that finds 95 % and 99 % of other people's faces."""
    lines = []
    for name, row in sorted(rows.items(), key=lambda item: _quickest(item[1], 0.95)):
        cells = []
        for least in (0.95, 0.99):
            good = [point for point in row["points"] if point["recall"] >= least]
            best = min(good, key=lambda point: float(point["ms"]), default=None)
            cells += [best and best["ms"], best and f"{best['recall']:.3f}"]
        lines.append((name, *cells, row["build_s"], row["memory_mb"]))
    return table(lines, "", "ms at ≥ .95", "recall", "ms at ≥ .99", "recall", "build, s", "memory, MB")


def _quickest(row: Rows, least: float) -> float:
    return min((float(point["ms"]) for point in row["points"] if point["recall"] >= least), default=float("inf"))


def frontiers(rows: Rows) -> str:
    """Table of niteru's best milliseconds at the recall of each point of raw FAISS's frontier."""
    mine = frontier(rows, lambda name: name.startswith(NITERU))
    lines = []
    for recall, spent in frontier(rows, lambda name: name.startswith("FAISS")):
        best = min((ms for found, ms in mine if found >= recall - 5e-4), default=None)
        lines.append((f"{recall:.4f}", spent, best, None if best is None else _times(best / spent)))
    return table(lines, "recall", "raw FAISS, ms", "niteru, ms", "niteru takes")


def everybody(rows: Rows) -> str:
    """Table of who looks like whom."""
    lines = []
    for name, row in rows.items():
        note = f"calculated from {row['extrapolated_from']:,} faces" if "extrapolated_from" in row else ""
        whole = None if note else row["wall_s"]
        lines.append((name, whole, row.get("seconds"), None if note else row["core_s"], row["peak_mb"], note))
    head = ("from start to end, seconds", "of that, the comparison", "core-seconds", "memory, MB", "")
    return table(lines, "", *head)


def duplicates(rows: Rows) -> str:
    """Table of pictures that are there twice."""
    lines = [
        (name, f"{row['found']} of {row['planted']}", len(row["others"]), row["wall_s"], row["core_s"], row["peak_mb"])
        for name, row in rows.items()
    ]
    return table(lines, "", "found", "other pairs reported", "seconds", "core-seconds", "memory, MB")


def networks(rows: Rows) -> str:
    """Table of networks alone."""
    lines = []
    for name, row in rows.items():
        shares = (f"{row[key]:.3f}" for key in ("recall_at_1", "tar_at_far_1e-3"))
        lines.append((name, row["runtime"], row["ms"], row["megabytes"], *shares))
    head = ("runs on", "ms a face", "MB", "nearest other photo is of the same person")
    return table(lines, "", *head, "pairs of one person accepted, at one false in 1,000")


def grouping(rows: Rows) -> str:
    """Table of the ways to group faces, a line for each set of people."""
    lines = []
    for name, sets in rows.items():
        for people, row in sets.items():
            shares = (f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
            lines.append((people, name, *shares, row["groups"], row["core_s"]))
    lines.sort(key=lambda line: str(line[0]), reverse=True)
    return table(lines, "people", "way", "precision", "recall", "F1", "groups", "core-seconds")


def regression(rows: Rows) -> str:
    """Table of the commands beside the last release's."""
    lines = [
        (name, row["before"], row["now"], f"{row['ratio']:.2f}", "**dearer**" if row["dearer"] else "")
        for name, row in rows.items()
    ]
    return table(lines, "core-seconds", LAST_RELEASE, "now", f"now by {LAST_RELEASE}", "")


def install(rows: Rows) -> str:
    """Table of the installations."""
    lines = []
    for name, row in rows.items():
        compiler = "**yes**: it fails" if row["needs_compiler"] else "no"
        lines.append((name, row["seconds"], row.get("megabytes"), compiler, f"`{COMMANDS[name]}`"))
    return table(lines, "", "seconds", "MB on disk", "needs a compiler", "commands")


TABLES: dict[str, dict[str, Callable[[Rows], str]]] = {
    "index": {"index": index},
    "start": {"start": start},
    "asking": {"asking": asking},
    "accuracy": {"end_to_end": end_to_end},
    "search": {"search": search, "frontiers": frontiers},
    "everybody": {"everybody": everybody},
    "duplicates": {"duplicates": duplicates},
    "install": {"install": install},
    "networks": {"networks": networks},
    "grouping": {"grouping": grouping},
    "regression": {"regression": regression},
}
"""Functions that make each table, by work and by the table's name."""
