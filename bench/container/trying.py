"""From nothing to an answer in a container: image, gallery, service, question, and the end."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import niteru
from bench.container.building import Image, Step, build
from bench.container.dockerfile import stages
from bench.container.running import Containers, Service
from niteru.engine.drawn import write_people

PEOPLE, PHOTOS = 12, 4
ENDED_S = 5.0
"""Docker waits for ten seconds before it ends a container the hard way."""
ASKING = """\
import json, urllib.error, urllib.request
def ask(headers):
    part = b'--part\\r\\nContent-Disposition: form-data; name="image"; filename="me.jpg"\\r\\n\\r\\n'
    body = part + open({photo!r}, "rb").read() + b"\\r\\n--part--\\r\\n"
    headers["Content-Type"] = "multipart/form-data; boundary=part"
    request = urllib.request.Request("http://127.0.0.1:8000/similar?k=3", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [row["person"] for row in json.load(answer)["results"]]
    except urllib.error.HTTPError as error:
        return error.code
print(json.dumps([ask({{}}), ask({{"Authorization": "Bearer {key}"}})]))
"""
"""A question with a photo, as a program asks it; without the key, and with it."""


class Wrong(Exception):
    """The container does not do what docs/installing.md says of it."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What it took.

    Attributes:
        base_mb: size of the bare Debian, without its documentation.
        image_mb: what the image adds to that.
        steps: what each instruction of the Dockerfile took and added.
        index_s: seconds of ``niteru index``.
        healthy_s: seconds from the start of the service until it is healthy.
        answer_s: seconds from the first instruction to the first answer.
        end_s: seconds from SIGTERM to the end.
    """

    base_mb: float
    image_mb: float
    steps: list[Step]
    index_s: float
    healthy_s: float
    answer_s: float
    end_s: float


def try_it(folder: Path) -> Tried:
    """Make the image, and use it.

    Args:
        folder: an empty folder.

    Raises:
        Wrong: something is not as it should be.
        StepFailed: an instruction of the Dockerfile failed.
    """
    photos = folder / "photos"
    drawn = list(write_people(photos, PEOPLE, PHOTOS))
    start = perf_counter()
    image = build(stages(), folder)
    _without_tools(image)
    key = secrets.token_hex(16)
    containers = Containers(image, folder / "volumes", photos, {"NITERU_API_KEY": key})
    containers.prepare()
    before = perf_counter()
    indexed = containers.run("index", "/photos", "--json")
    _same("what index prints", (indexed.returncode, _faces(indexed)), (0, PEOPLE * PHOTOS))
    index_s = perf_counter() - before
    service = containers.start(folder / "log")
    healthy_s = service.until_healthy()
    expected = _answer_here(folder, drawn[0])
    answer = json.loads(service.ask(ASKING.format(photo=str(drawn[0]), key=key)))
    answer_s = perf_counter() - start
    _same("the answers without the key, and with it", answer, [401, expected])
    _closed(service)
    end_s, status = service.stop()
    _same("the status after SIGTERM", status, 0)
    if end_s > ENDED_S:
        raise Wrong(f"it took {end_s:.1f} s to end after SIGTERM")
    base_mb = _size_mb(image.root.path) - image.root.size_mb()
    forgotten = containers.run("forget", drawn[0].parent.name, "--yes", "--json")
    _same("the status of niteru forget", forgotten.returncode, 0)
    return Tried(base_mb, image.root.size_mb(), image.steps, index_s, healthy_s, answer_s, end_s)


def _without_tools(image: Image) -> None:
    for tool in ("/source", "/usr/bin/gcc", "/usr/bin/pip3", "/opt/niteru/bin/pip"):
        if (image.root.path / tool.lstrip("/")).exists():
            raise Wrong(f"the image has {tool}, which nothing in it needs")


def _answer_here(folder: Path, photo: Path) -> list[str]:
    """Whom niteru names outside the container."""
    gallery = niteru.Gallery(folder / "gallery-here")
    gallery.index(folder / "photos")
    return [match.person for match in gallery.similar(photo, k=3)]


def _closed(service: Service) -> None:
    """Check that a process inside can change nothing but the volumes, and become nobody else."""
    for place in ("/new", "/opt/niteru/new", "/photos/new", "/etc/passwd"):
        if service.execute("touch", place).returncode == 0:
            raise Wrong(f"a process in the container can write {place}")
    for place in ("/gallery/new", "/home/niteru/new", "/tmp/new"):
        _same(f"writing {place}", service.execute("touch", place).returncode, 0)
    lines = service.execute("cat", "/proc/1/status").stdout.splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    found = [status[name].split()[0] for name in ("Uid", "CapEff", "NoNewPrivs", "Pid")]
    _same("user, capabilities, gains of privilege, number", found, ["10001", "0" * 16, "1", "1"])


def _faces(indexed: subprocess.CompletedProcess[str]) -> int:
    if indexed.returncode:
        raise Wrong(f"niteru index in the container: {indexed.stdout}{indexed.stderr}")
    return int(json.loads(indexed.stdout)["faces"])


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Wrong(f"{what}: {found}, where {expected} was expected")


def _size_mb(root: Path) -> float:
    words: Sequence[str] = ("du", "-s", "--one-file-system", "--block-size=1000", str(root))
    return int(subprocess.run(words, capture_output=True, check=True).stdout.split()[0]) / 1000
