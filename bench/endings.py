"""Search for what a writing command leaves behind when it is told to end, by any signal, at any moment.

``python -m bench.endings [--endings 300]`` prints JSON, and exits with status 1 if anything went wrong. ``index``,
``add``, ``forget``, ``rollback``, ``model use``, ``copy`` and ``report`` are ended in turn by TERM, HUP, INT, INT twice
and KILL, while a service answers. Photos are drawn; photos of every third person stay, the others come and go.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.kills import Findings
from bench.service import NITERU, Service
from niteru.engine.drawn import write_people
from niteru.engine.failure import Failure
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.verifying import verify

PEOPLE, PHOTOS = 36, 2
GONE_AFTER_S = 5
MODELS = ("niteru-v5", "niteru-free")
SIGNALS: tuple[tuple[int, ...], ...] = (
    (signal.SIGTERM,),
    (signal.SIGHUP,),
    (signal.SIGINT,),
    (signal.SIGINT, signal.SIGINT),
    (signal.SIGKILL,),
)


@dataclass
class World:
    """The photos, the gallery, and everything beside it that a command writes.

    Attributes:
        faces: photos that are indexed now.
        store: all photos there are, by person.
        forgotten: names that were given to ``niteru forget``.
        took: seconds that each command took when it was left alone.
    """

    root: Path
    faces: Path
    store: Path
    gallery: Path
    forgotten: set[str] = field(default_factory=set)
    took: dict[str, float] = field(default_factory=dict)
    guests: int = 0

    @classmethod
    def make(cls, root: Path) -> World:
        """Draw the people; names that appear nowhere else, so that a byte search means something."""
        drawn, store = root / "drawn", root / "store"
        list(write_people(drawn, PEOPLE, PHOTOS))
        store.mkdir()
        for number, folder in enumerate(sorted(one for one in drawn.iterdir() if one.is_dir())):
            folder.rename(store / f"Quux{number:02d}zz")
        faces = root / "faces"
        shutil.copytree(store, faces)
        return cls(root, faces, store, root / "gallery")

    @property
    def names(self) -> list[str]:
        """Everybody's name."""
        return sorted(folder.name for folder in self.store.iterdir())

    @property
    def settled(self) -> list[str]:
        """People whose photos stay."""
        return self.names[::3]

    def stir(self, rng: random.Random) -> None:
        """Take some of the others' photos away, and bring some back."""
        for name in self.names:
            if name not in self.settled:
                for photo in sorted((self.store / name).iterdir()):
                    here = self.faces / name / photo.name
                    if rng.random() < 0.4:
                        here.unlink(missing_ok=True)
                    elif not here.exists():
                        here.parent.mkdir(exist_ok=True)
                        shutil.copy2(photo, here)

    def command(self, name: str, rng: random.Random) -> list[str]:
        """Words of a command, with something to do for it."""
        to = ["--gallery", str(self.gallery)]
        match name:
            case "index":
                self.stir(rng)
                return ["index", str(self.faces), *to, "--yes"]
            case "add":
                self.guests += 1
                photo = next((self.store / rng.choice(self.settled)).iterdir())
                return ["add", f"Guest{self.guests}", str(photo), *to]
            case "forget":
                name = rng.choice([name for name in self.names if name not in self.settled])
                self.forgotten.add(name)
                return ["forget", name, *to, "--yes"]
            case "model use":
                return ["model", "use", rng.choice(MODELS), *to]
            case "copy":
                shutil.rmtree(self.root / "copy", ignore_errors=True)
                return ["copy", str(self.gallery), str(self.root / "copy")]
            case "report":
                return ["report", *to, "--out", str(self.root / "report")]
            case _:
                return [name, *to]


COMMANDS = ("index", "add", "forget", "rollback", "model use", "copy", "report")


class Asker(threading.Thread):
    """A client that asks a service about people who stay, and compares with what was answered before anything ended."""

    def __init__(self, address: str, known: dict[str, list[dict[str, float]]], findings: Findings) -> None:
        super().__init__(daemon=True)
        self._address, self._known, self._findings = address, known, findings
        self.stop = threading.Event()

    def run(self) -> None:
        """Ask without pause until told to stop."""
        rng = random.Random(1)
        while not self.stop.is_set():
            ref = rng.choice(sorted(self._known))
            self._findings.done["questions"] += 1
            try:
                answer = similar(self._address, ref)
            except OSError as error:
                self._findings.add("unanswered", f"{ref}: {error}")
                continue
            if not any(_agree(answer, known) for known in self._known[ref]):
                self._findings.add("wrong answers", f"{ref}: {answer}, not {self._known[ref]}")
            time.sleep(0.02)


def similar(address: str, ref: str) -> dict[str, float]:
    """Similarity of every face that is found, by its photo."""
    url = f"{address}/similar?image={urllib.parse.quote(ref)}&k=100&mode=all&by=face"
    with urllib.request.urlopen(url, timeout=30) as response:
        rows = json.load(response)["results"]
    return {row["faces"][0]["photo"]: row["similarity"] for row in rows}


def _agree(answer: dict[str, float], known: dict[str, float]) -> bool:
    return all(abs(answer.get(photo, 9) - similarity) < 0.01 for photo, similarity in known.items())


def _learn(address: str, world: World) -> dict[str, dict[str, float]]:
    """What is answered about the photos that stay, and about them alone."""
    refs = [f"{name}/{photo.name}" for name in world.settled for photo in sorted((world.faces / name).iterdir())]
    return {
        ref: {photo: score for photo, score in similar(address, ref).items() if photo in refs and photo != ref}
        for ref in refs
    }


def _run(words: list[str], signals: tuple[int, ...], after: float | None) -> tuple[bool, list[str]]:
    """Run a command in a session of its own and end it; whether it had to be ended, and what is left of it."""
    process = subprocess.Popen(
        [NITERU, *words],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_as_at_a_terminal,
    )
    try:
        process.wait(after)
        ended = False
    except subprocess.TimeoutExpired:
        ended = True
        for number in signals:
            # As a terminal does: to all of them. What asks one process alone is tried as well.
            target = os.killpg if number == signal.SIGINT else os.kill
            target(process.pid, number)
            time.sleep(0.1)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            return ended, ["the command itself"]
    deadline = time.monotonic() + GONE_AFTER_S
    while (left := _session(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return ended, left


def _as_at_a_terminal() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _session(number: int) -> list[str]:
    done = subprocess.run(["ps", "-ww", "-o", "args=", "--sid", str(number)], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if "<defunct>" not in line]


def _examine(world: World, findings: Findings) -> None:
    """Everybody who stays is there, and nobody who was forgotten and whose forgetting has begun."""
    try:
        with closing(Gallery(world.gallery)) as gallery:
            here = {name for _, name, _ in gallery.catalog.queries.people()}
            for name in set(world.settled) - here:
                findings.add("lost people", name)
            for damage in gallery.catalog.queries.damages():
                findings.add("unreadable states", damage)
    except Failure as error:
        findings.add("unreadable states", repr(error))


def _finish_forgetting(world: World, findings: Findings) -> None:
    """End what is begun, and search every file for the names."""
    shutil.rmtree(world.root / "copy", ignore_errors=True)  # half of one may hold them, and verify says so
    subprocess.run([NITERU, "forget", "--finish", "--gallery", world.gallery], capture_output=True)
    for name in sorted(world.forgotten):
        # Killed before it began, it has to be said again; once it began, it is ended by this.
        subprocess.run([NITERU, "forget", name, "--gallery", world.gallery, "--yes"], capture_output=True)
    places = [world.gallery, world.root / "report", world.root / "cache", world.root / "tmp"]
    for file in (file for place in places for file in place.rglob("*") if file.is_file()):
        data = file.read_bytes() + str(file).encode()
        for name in world.forgotten:
            if name.encode() in data:
                findings.add("traces of the forgotten", f"{name} in {file}")
    for problem in verify(world.gallery).problems:
        findings.add("problems at the end", problem)


@contextmanager
def _served(world: World, findings: Findings) -> Iterator[None]:
    """A service that is asked all the while, after it was asked once in peace with each model."""
    known: dict[str, list[dict[str, float]]] = {}
    for model in MODELS[::-1]:
        _run(["model", "use", model, "--gallery", str(world.gallery)], (), None)
        service = Service(world.gallery, workers=1)
        for ref, scores in _learn(f"http://127.0.0.1:{service.port}", world).items():
            known.setdefault(ref, []).append(scores)
        service.end()
    service = Service(world.gallery, workers=1)
    asker = Asker(f"http://127.0.0.1:{service.port}", known, findings)
    asker.start()
    try:
        yield
    finally:
        asker.stop.set()
        asker.join()
        service.end()


def _measure(world: World, rng: random.Random) -> None:
    """Time every command once; a forgetting is taken back by adding the person's photos again."""
    for name in ("index", "add", "model use", "copy", "report", "index", "rollback", "forget"):
        start = time.monotonic()
        _run(world.command(name, rng), (), None)
        world.took[name] = max(time.monotonic() - start, 0.4)


@click.command()
@click.option("--endings", type=int, default=300, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(endings: int, seed: int) -> None:
    """End the commands, ask the service, and check both."""
    rng, findings = random.Random(seed), Findings()
    with TemporaryDirectory() as place:
        root = Path(place).resolve()
        (root / "tmp").mkdir()
        os.environ |= {"NITERU_CACHE": str(root / "cache"), "TMPDIR": str(root / "tmp")}
        world = World.make(root)
        _run(["index", str(world.faces), "--gallery", str(world.gallery)], (), None)
        with _served(world, findings), progress_bar("ending", endings, "command") as bar:
            _measure(world, rng)
            for number in range(endings):
                command, signals = COMMANDS[number % len(COMMANDS)], SIGNALS[number // len(COMMANDS) % len(SIGNALS)]
                ended, left = _run(world.command(command, rng), signals, rng.uniform(0.1, world.took[command]))
                findings.done[f"{command}, {'ended' if ended else 'done'}"] += 1
                for process in left:
                    findings.add("processes left", f"{command} {signals}: {process}")
                _examine(world, findings)
                bar.update()
        _finish_forgetting(world, findings)
    click.echo(json.dumps({"done": findings.done, "wrong": findings.wrong, "examples": findings.examples}, indent=1))
    sys.exit(bool(findings.wrong))


if __name__ == "__main__":
    main()
