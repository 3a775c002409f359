"""Maker of the gallery that test_upgrade.py brings up to date, by the release whose command it is given.

``python tests/upgrade/make_gallery.py OLD/bin/niteru 0.1.0``, where OLD is an environment with that release in it
(``git archive REVISION``, installed into an empty one). Everybody in it is drawn by that release. It holds what people
do with a gallery: folders of photos, one without a face, a photo enrolled by hand, a person and a photo forgotten whose
files are still there, a generation before the last, and a report. ``before.json`` beside it says what the release
itself told of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

HERE = Path(__file__).parent
PEOPLE, PHOTOS, QUALITY = 6, 2, 60
BY_HAND, FORGOTTEN = "Ada Lovelace", "Ravi"
FORGOTTEN_PHOTO = "Amara/Amara_0002.jpg"


def make(niteru: str, version: str, work: Path) -> None:
    """Make the gallery in ``work``, and pack it beside this file."""

    def run(*words: str) -> str:
        done = subprocess.run([niteru, *words], cwd=work, check=True, capture_output=True, text=True)
        return done.stdout

    if version not in run("--version"):
        sys.exit(f"{niteru} is not {version}: {run('--version').strip()}")
    draw(run, work)
    run("index", "photos")
    run("forget", FORGOTTEN, "--json")
    run("forget", "--photo", FORGOTTEN_PHOTO, "--json")
    run("report", "--out", "report")
    run("add", BY_HAND, "by-hand/portrait.jpg")
    told = {
        "people": json.loads(run("people", "--json")),
        "stats": json.loads(run("stats", "--json")),
        "similar": {
            photo: json.loads(run("similar", photo, "-k", "3", "--json"))
            for photo in sorted(
                path.relative_to(work / "photos").as_posix() for path in work.glob("photos/*/*_0001.jpg")
            )
            if not photo.startswith(FORGOTTEN)
        },
    }
    (work / "before.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    with tarfile.open(HERE / f"gallery-{version}.tar.xz", "w:xz") as archive:
        for part in ("before.json", "by-hand", "gallery", "photos", "report"):
            archive.add(work / part, part, filter=nobodys)


def draw(run: object, work: Path) -> None:
    """Draw the people; one of them lies elsewhere, to be enrolled by hand."""
    run("draw", "photos", "--people", str(PEOPLE), "--photos", str(PHOTOS))  # type: ignore[operator]
    (work / "photos" / "landmarks.csv").unlink()
    for photo in work.glob("photos/*/*.jpg"):
        cv2.imwrite(str(photo), cv2.imread(str(photo)), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    last = sorted(work.glob("photos/*"))[-1]
    (work / "by-hand").mkdir()
    min(last.iterdir()).rename(work / "by-hand" / "portrait.jpg")
    max(last.iterdir()).unlink()
    last.rmdir()
    cv2.imwrite(str(work / "photos" / "Amara" / "nobody.jpg"), np.full((200, 200, 3), 90, np.uint8))


def nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The member, without the account that made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with TemporaryDirectory() as folder:
        make(str(Path(sys.argv[1]).absolute()), sys.argv[2], Path(folder))
