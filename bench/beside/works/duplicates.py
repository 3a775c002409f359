"""Search for twenty photos that were saved again, smaller and cut a little."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from bench.beside.alone import Spent, in_turns, medians, run
from bench.beside.context import Bench, Rows, copy_photos, fresh
from bench.beside.environments import IMAGEDEDUP, NITERU
from bench.planted import DUPLICATES, save_again

Pairs = set[frozenset[str]]


def measure(bench: Bench) -> Rows:
    """Measure niteru's index and report, and imagededup's hashes, over the same folder."""
    folder = fresh(bench.folder("duplicates"))
    photos = folder / "photos"
    copy_photos(bench.listed(), photos)
    planted: Pairs = set()
    for photo in random.Random(0).sample(bench.listed(), DUPLICATES):
        again = save_again(photo.on_disk, (photos / photo.ref).parent)
        planted.add(frozenset((photo.ref, again.relative_to(photos).as_posix())))
    script = IMAGEDEDUP.script("with_imagededup", photos)
    reported: dict[str, Pairs] = {}

    def imagededup(_: int) -> Spent:
        spent = run(script, IMAGEDEDUP.variables())
        reported["imagededup, PHash"] = {frozenset(pair) for pair in spent.output["pairs"]}
        return spent

    def niteru(_: int) -> Spent:
        fresh(folder / "niteru")
        gallery, report = folder / "niteru" / "gallery", folder / "niteru" / "report"
        indexed = run(NITERU.command("index", photos, "--gallery", gallery, "--json"), NITERU.variables())
        command = NITERU.command("report", "--gallery", gallery, "--out", report, "--json")
        written = run(command, NITERU.variables())
        reported["niteru"] = _suspects(report / "suspects.csv")
        peak = max(indexed.peak_mb, written.peak_mb)
        return Spent(indexed.wall_s + written.wall_s, indexed.core_s + written.core_s, peak, None)

    spent = in_turns(bench.turns, {"niteru": niteru, "imagededup, PHash": imagededup}, "duplicates")
    both = reported["niteru"] & reported["imagededup, PHash"]
    return {
        name: medians(turns)
        | {
            "planted": len(planted),
            "found": len(reported[name] & planted),
            "others": sorted(sorted(pair) for pair in reported[name] - planted),
            "others_reported_by_all": len(both - planted),
        }
        for name, turns in spent.items()
    }


def _suspects(table: Path) -> Pairs:
    with table.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kind"] == "duplicate"]
    return {frozenset((row["photo"], row["other_photo"])) for row in rows}
