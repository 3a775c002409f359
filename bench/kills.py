"""Search for lost, broken or wrong data when ``niteru index`` is killed again and again while a service answers.

``python -m bench.kills [--kills 200] [--people 40]`` prints JSON, and exits with status 1 if anything went wrong. The
photos are drawn; between the runs some are added, removed, or given to other people, and every fifth run may end.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import cv2
import numpy as np
from typing_extensions import override

from bench.service import NITERU, Service
from niteru.engine.drawn import draw, person
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.alignment import align
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.verifying import verify

PHOTOS = 4
ENDS_EVERY = 5


@dataclass
class Findings:
    """Counts of what went wrong and of what was done, by name."""

    wrong: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, kind: str, detail: object) -> None:
        """Count a failure, and keep the first few in full."""
        self.wrong[kind] += 1
        if len(self.examples) < 10:
            self.examples.append(f"{kind}: {detail}")


class Photos:
    """Drawn crops, in files whose name identifies the picture and whose folder is its current person."""

    def __init__(self, root: Path, people: int) -> None:
        self.faces, self.store = root / "faces", root / "store"
        self.store.mkdir(parents=True)
        crops = {}
        for number in range(people):
            who = person(number)
            for photo in range(PHOTOS):
                drawing = draw(who, photo)
                crops[f"{number:03d}_{photo}.png"] = align(drawing.image, drawing.landmarks)
        for name, crop in crops.items():
            (self.store / name).write_bytes(cv2.imencode(".png", crop[..., ::-1])[1].tobytes())
        vectors = Embedder().embed(np.stack(list(crops.values())))
        self.names = list(crops)
        self.vector = dict(zip(self.names, vectors, strict=True))
        self.settled = [name for name in self.names if int(name[:3]) % 3 == 0]
        """Photos of every third person, which stay where they are."""
        self.moving = [name for name in self.names if name not in set(self.settled)]
        for name in self.settled:
            self.put(name, name[:3])

    def put(self, name: str, who: str) -> None:
        """Give a picture to a person."""
        (self.faces / who).mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.store / name, self.faces / who / name)

    def on_disk(self) -> dict[str, str]:
        """Current person of each picture."""
        return {file.name: file.parent.name for file in self.faces.glob("*/*.png")}

    def stir(self, rng: random.Random) -> None:
        """Add some photos, remove some, and give some to other people."""
        here = self.on_disk()
        for name in rng.sample(self.moving, 12):
            if name not in here:
                self.put(name, name[:3])
            elif rng.random() < 0.5:
                (self.faces / here[name] / name).unlink()
            else:
                other = self.faces / f"{rng.choice(self.moving)[:3]}"
                other.mkdir(exist_ok=True)
                (self.faces / here[name] / name).rename(other / name)


class Asker(threading.Thread):
    """A client that asks a service without pause and checks every answer against the pictures."""

    def __init__(self, address: str, photos: Photos, findings: Findings) -> None:
        super().__init__(daemon=True)
        self.address, self.photos, self.findings = address, photos, findings
        self.stop = threading.Event()
        self.rng = random.Random(1)

    @override
    def run(self) -> None:
        while not self.stop.is_set():
            name = self.rng.choice(self.photos.settled)
            self.findings.done["questions"] += 1
            try:
                url = f"{self.address}/similar?image={name[:3]}/{name}&k=100&mode=all&by=face"
                with urllib.request.urlopen(url, timeout=20) as response:
                    self._check(name, json.load(response))
            except OSError as error:
                self.findings.add("unanswered", f"{name}: {error}")
            time.sleep(0.02)

    def _check(self, asked: str, answer: dict[str, Any]) -> None:
        found = {}
        for row in answer["results"]:
            who, name = row["faces"][0]["photo"].split("/")
            found[name] = row["similarity"]
            true = float(self.photos.vector[asked] @ self.photos.vector[name])
            if abs(true - row["similarity"]) > 0.01 or row["person"] != who:
                self.findings.add("wrong answers", f"{asked} {row} {true}")
        last = min(found.values(), default=2.0)
        for name in self.photos.settled:
            true = float(self.photos.vector[asked] @ self.photos.vector[name])
            if name != asked and name not in found and true > last + 0.01:
                self.findings.add("missing answers", f"{asked}: {name}")


def _index(photos: Photos, folder: Path, seconds: float | None) -> bool:
    """Run ``niteru index`` and kill it after so many seconds; returns whether it was killed."""
    command = [NITERU, "index", str(photos.faces), "--gallery", str(folder), "--crops", "--yes", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    if process.returncode:
        raise SystemExit(f"niteru index ended with status {process.returncode}")
    return False


def _examine(folder: Path, before: set[str], photos: Photos, findings: Findings) -> set[str]:
    """Read the pictures in the catalogue, which must still have all that it had and that are on disk."""
    try:
        gallery = Gallery(folder)
        damages = gallery.catalog.queries.damages()
        known = {ref.split("/")[1] for ref in gallery.catalog.queries.photos()}
        gallery.close()
        LocalGenerationStore(folder).load()
    except Exception as error:
        findings.add("unreadable states", repr(error))
        return before
    for damage in damages:
        findings.add("unreadable states", damage)
    for name in (before & photos.on_disk().keys()) - known:
        findings.add("lost faces", name)
    findings.done["runs that changed the catalogue"] += known != before
    findings.done["half-built generations left behind"] += bool(list(folder.glob("generations/*.building")))
    return known


@click.command()
@click.option("--kills", type=int, default=200, show_default=True)
@click.option("--people", type=int, default=40, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(kills: int, people: int, seed: int) -> None:
    """Kill the runs, ask the service, and check both."""
    rng, findings = random.Random(seed), Findings()
    with TemporaryDirectory() as root:
        photos, folder = Photos(Path(root), people), Path(root) / "gallery"
        _index(photos, folder, None)
        service = Service(folder, workers=1)
        asker = Asker(f"http://127.0.0.1:{service.port}", photos, findings)
        asker.start()
        _kill_again_and_again(photos, folder, kills, rng, findings)
        asker.stop.set()
        asker.join()
        service.end()
        generations = LocalGenerationStore(folder).current()
    results = {"kills": findings.done.pop("kills"), "generations": generations, **findings.done}
    names = ("unreadable states", "unanswered", "wrong answers", "missing answers", "lost faces", "problems at the end")
    click.echo(json.dumps({**results, **{name: findings.wrong[name] for name in names}, "examples": findings.examples}))
    sys.exit(bool(findings.wrong))


def _kill_again_and_again(photos: Photos, folder: Path, kills: int, rng: random.Random, findings: Findings) -> None:
    took, known, runs = 3.0, set(photos.on_disk()), 0
    with progress_bar("killing", kills, "kill") as bar:
        while findings.done["kills"] < kills:
            photos.stir(rng)
            runs += 1
            start = time.monotonic()
            killed = _index(photos, folder, None if runs % ENDS_EVERY == 0 else rng.uniform(0.3, took))
            took = took if killed else 0.9 * took + 0.1 * (time.monotonic() - start)
            findings.done["kills" if killed else "runs that ended"] += 1
            bar.update(killed)
            known = _examine(folder, known, photos, findings)
            if not killed:
                for problem in verify(folder).problems:
                    findings.add("problems at the end", problem)


if __name__ == "__main__":
    main()
