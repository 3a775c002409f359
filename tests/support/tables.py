"""A table of drawn people, with columns beside path and person."""

from __future__ import annotations

import csv
from pathlib import Path

from support.drawn import DrawnFolder


def write_table(faces: DrawnFolder, **of_person: str) -> Path:
    """Everybody's photos, with an agency each: every second one's is Elite, unless it is given by name."""
    table = faces.folder.parent / "people.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "person", "agency", "born"])
        for number, name in enumerate(faces.names):
            agency = of_person.get(name, ("Elite", "Ford")[number % 2])
            for photo in sorted((faces.folder / name).iterdir()):
                rows.writerow([f"faces/{name}/{photo.name}", name, agency, f"{1990 + number}-04-05"])
    return table
