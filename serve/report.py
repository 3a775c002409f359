"""The offline report: who looks like whom, as a folder that opens without a server."""

from __future__ import annotations

import csv
import math
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from engine.progress import progress_bar
from indexer.gallery import Gallery
from indexer.resemblance import PersonRow, Resemblance, nearest_people

TOP_PAIRS = 24
_PARTS = {"index.html", "pairs.csv", "crops"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_report(gallery: Gallery, folder: Path, k: int = 5) -> Path:
    """Write ``index.html``, ``pairs.csv`` and the crops they show.

    Args:
        gallery: with a published generation.
        folder: where the report goes; an older report there is replaced.
        k: nearest people a row.

    Returns:
        The path of the page.

    Raises:
        GenerationUnusable: nothing is published.
        FileExistsError: the folder holds something else than a report.
    """
    folder = folder.resolve()
    if folder.exists() and not {path.name for path in folder.iterdir()} <= _PARTS:
        raise FileExistsError(f"{folder} is not empty and holds no report: give another OUT")
    generation = gallery.generation
    with progress_bar("report", len(gallery.catalog.people()), "person") as bar:
        rows = []
        for row in nearest_people(gallery, k):
            rows.append(row)
            bar.update()
    # Built aside, so that an interruption leaves the old report whole.
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    (aside / "crops").mkdir()
    _copy_crops(gallery, rows, aside / "crops")
    _write_pairs(aside / "pairs.csv", rows)
    page = (
        _environment()
        .get_template("report.html")
        .render(
            rows=rows,
            pairs=_top_pairs(rows),
            suspects=_top_pairs(rows, same_person=True),
            counts=gallery.catalog.counts(),
            generation=generation,
            date=datetime.now(UTC).date().isoformat(),
        )
    )
    (aside / "index.html").write_text(page, encoding="utf-8")
    _replace(folder, aside)
    return folder / "index.html"


def withdraw_report(folder: Path) -> None:
    """Remove a report, if one is there: it shows people who must not be shown any more."""
    if folder.is_dir() and {path.name for path in folder.iterdir()} <= _PARTS:
        shutil.rmtree(folder)


def rarity_in_words(rarity: float) -> str:
    """``closer than 99.97 % of pairs``; rounded down, so that it never says 100 %."""
    digits = 0 if rarity >= 0.01 else 1 if rarity >= 0.001 else 2 if rarity >= 0.0001 else 3
    share = min(math.floor((1 - rarity) * 100 * 10**digits + 1e-6) / 10**digits, 99.999)
    return f"closer than {share:.{digits}f} % of pairs"


def _replace(folder: Path, aside: Path) -> None:
    """Put ``aside`` in the place of ``folder``; stopped half way, one of them is still whole."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.rename(old / "report")
        aside.rename(folder)
        shutil.rmtree(old)
    else:
        aside.rename(folder)


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("serve"), autoescape=select_autoescape())
    environment.filters["rarity"] = rarity_in_words
    return environment


def _top_pairs(rows: list[PersonRow], same_person: bool = False) -> list[Resemblance]:
    """The most alike pairs, each once."""
    pairs: dict[frozenset[str], Resemblance] = {}
    for row in rows:
        for found in row.nearest:
            if found.same_person == same_person:
                pairs.setdefault(frozenset((found.person, found.other_person)), found)
    return sorted(pairs.values(), key=lambda found: -found.similarity)[:TOP_PAIRS]


def _copy_crops(gallery: Gallery, rows: list[PersonRow], folder: Path) -> None:
    for face in {face.id for row in rows for found in row.nearest for face in (found.face, found.other)}:
        source = gallery.crop_file(face)
        if source.is_file():
            shutil.copyfile(source, folder / f"{face}.jpg")


def _write_pairs(file: Path, rows: list[PersonRow]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(
            ["person", "rank", "other_person", "similarity", "rarity", "same_person", "photo", "other_photo"]
        )
        for row in rows:
            for rank, found in enumerate(row.nearest, start=1):
                table.writerow(
                    [
                        _cell(found.person),
                        rank,
                        _cell(found.other_person),
                        f"{found.similarity:.4f}",
                        f"{found.rarity:.3g}",
                        "yes" if found.same_person else "no",
                        _cell(found.face.photo),
                        _cell(found.other.photo),
                    ]
                )


def _cell(text: str) -> str:
    """A name that a spreadsheet will not run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
