"""Plots of the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

Rows = dict[str, Any]
STYLES = {"niteru": ("C3", "o", 2.2), "faiss": ("C0", "s", 1.4)}
LINES = {"flat": "-", "hnsw": "--", "ivf": ":", "ivfpq": "-."}
EDGE = 1e-4
"""Place of the libraries that miss nothing on a logarithmic axis, which has no zero."""
OTHERS = ("C1", "C2", "C4", "C5", "C6", "C7", "C8", "C9")


def plot_asking(rows: Rows, file: Path) -> None:
    """Plot the milliseconds of a question by photo against the size of the gallery."""
    figure = Figure((9.5, 4.5), layout="constrained")
    axes = figure.subplots()
    other = iter(OTHERS)
    for name, sizes in rows.items():
        line = "o-" if name.startswith("niteru") else "s--"
        colour = "C3" if name == "niteru" else next(other)
        points = sorted((int(size), row["photo_ms"]) for size, row in sizes.items())
        axes.plot(*zip(*points, strict=True), line, color=colour, label=name)
    floor = sorted((int(size), row["floor_ms"]) for size, row in rows["niteru"].items())
    axes.plot(*zip(*floor, strict=True), ":", color="grey", label="decode, find, embed, FAISS: nothing else")
    axes.set(xscale="log", yscale="log", xlabel="faces in the gallery", ylabel="ms, a question by photo")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=9)
    figure.savefig(file, dpi=120)


def plot_search(rows: Rows, file: Path) -> None:
    """Plot the questions per second against the recall of other people's faces."""
    figure = Figure((9.5, 5.5), layout="constrained")
    axes = figure.subplots()
    other = iter(OTHERS)
    for name, row in sorted(rows.items(), key=lambda item: item[0].lower()):
        family, _, kind = name.lower().partition(" ")
        colour, marker, width = STYLES.get(family, (None, "^", 1.0))
        kind, _, selector = kind.partition(", ")
        points = sorted((max(1 - point["recall"], EDGE), 1000 / point["ms"]) for point in row["points"])
        style = LINES.get(kind, "-") + ("x" if selector else marker)
        axes.plot(*zip(*points, strict=True), style, color=colour or next(other), linewidth=width, label=name)
    axes.set(xscale="log", yscale="log", xlabel="other people's faces missed: 1 − recall; none at the right edge")
    axes.set(ylabel="questions a second, one thread", title="The ten nearest faces of other people among 100,000")
    axes.invert_xaxis()
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=9)
    figure.savefig(file, dpi=120)
