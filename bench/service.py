"""The service under load: its start, its memory and its rate of answers, compared with the bare steps.

``python -m bench.service [--faces 100000] [--questions 20000]`` prints JSON. The gallery is made up (see
:mod:`bench.scale`) and the uploaded photo is drawn; the service is real, and is asked over keep-alive connections from
the same machine.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, cast

import click
import cv2
import numpy as np

from bench.scale import fill, made_up
from niteru.engine.drawn import draw, person
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.engine.photos.decode import decode
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.local.generation import LocalGeneration
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.publishing import publish_faces

NITERU = str(Path(sys.executable).with_name("niteru"))
CLIENTS = 4
PHOTO_SIDE = 400
Question = tuple[str, str, bytes | None, dict[str, str]]


class Service:
    """A running ``niteru serve``."""

    def __init__(self, gallery: Path, workers: int, niteru: str = NITERU) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        start = perf_counter()
        command = [niteru, "serve", "--gallery", str(gallery), "--port", str(self.port), "--workers", str(workers)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self._ready():
            sleep(0.01)
        self.ready_s = perf_counter() - start

    def _ready(self) -> bool:
        try:
            return self.ask(("GET", "/readyz", None, {})) == 200
        except OSError:
            return False

    def ask(self, question: Question, connection: http.client.HTTPConnection | None = None) -> int:
        """Ask a question; returns the status of the answer."""
        used = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        method, path, body, headers = question
        used.request(method, path, body, headers)
        response = used.getresponse()
        response.read()
        if connection is None:
            used.close()
        return response.status

    def tag(self, path: str) -> dict[str, str]:
        """Header that asks whether an answer still holds."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as reply:
            return {"If-None-Match": reply.headers["ETag"]}

    def memory_mb(self) -> dict[str, float]:
        """Memory of all its processes: resident (RSS), and with shared pages divided among them (PSS)."""
        rows = [_rollup(pid) for pid in (self.process.pid, *_children(self.process.pid))]
        return {key.lower() + "_mb": round(sum(row[key] for row in rows) / 1024, 1) for key in ("Rss", "Pss")}

    def loads(self, name: str) -> bool:
        """Whether a library is mapped into any of its processes."""
        pids = (self.process.pid, *_children(self.process.pid))
        return any(name in Path(f"/proc/{pid}/maps").read_text() for pid in pids)

    def end(self) -> None:
        """Stop the service gracefully."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def load(service: Service, questions: list[Question], clients: int = CLIENTS) -> dict[str, float]:
    """Ask all questions over so many connections; returns the rate, and percentiles of their milliseconds."""
    spent: list[float] = []
    failed: list[int] = []
    left = iter(questions)
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        while True:
            with lock:
                question = next(left, None)
            if question is None:
                return
            start = perf_counter()
            status = service.ask(question, connection)
            spent.append((perf_counter() - start) * 1000)
            if status not in (200, 304):
                failed.append(status)

    start = perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took = perf_counter() - start
    return {"failed": len(failed), "a_second": round(len(spent) / took, 1), **summary(spent)}


def summary(spent: list[float]) -> dict[str, float]:
    """Number and percentiles of times."""
    ranked = sorted(spent)
    return {
        "questions": len(ranked),
        "p50_ms": round(statistics.median(ranked), 2),
        "p99_ms": round(ranked[int(len(ranked) * 0.99)], 2),
    }


def floor(gallery: Path, photo: bytes) -> dict[str, float]:
    """Milliseconds of the bare steps on one thread, the least that any service would take."""
    detector, embedder = load_detector(), Embedder()
    index = cast(LocalGeneration, LocalGenerationStore(gallery).load()).index
    image = decode(photo)
    face = detector.detect(image)[0]
    crop = detector.crop(image, face)[None]
    vector = embedder.embed(crop)
    steps: dict[str, Callable[[], object]] = {
        "decode": lambda: decode(photo),
        "find": lambda: detector.detect(image),
        "embed": lambda: embedder.embed(crop),
        "search": lambda: index.search(vector, 80),
    }
    found = {}
    for name, step in steps.items():
        times = []
        for _ in range(60):
            start = perf_counter()
            step()
            times.append((perf_counter() - start) * 1000)
        found[name] = round(statistics.median(times), 2)
    return {**found, "sum": round(sum(found.values()), 2)}


def drawn_photo() -> bytes:
    """Draw a photo of 400 pixels with one face, as JPEG."""
    drawn = cv2.resize(draw(person(0), 0).image, (PHOTO_SIDE, PHOTO_SIDE))
    return bytes(cv2.imencode(".jpg", drawn[..., ::-1])[1].tobytes())


def upload(photo: bytes, path: str = "/similar", field: str = "image") -> Question:
    """Make the question that sends a photo."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="a.jpg"\r\n\r\n'.encode()
    body = head + photo + f"\r\n--{boundary}--\r\n".encode()
    return "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


@click.command()
@click.option("--faces", type=int, default=100_000, show_default=True)
@click.option(
    "--questions", type=int, default=20_000, show_default=True, help="Questions after which memory is measured again."
)
def main(faces: int, questions: int) -> None:
    """Measure the service with one and two workers."""
    photo = drawn_photo()
    results: dict[str, Any] = {"faces": faces, "cores": os.cpu_count()}
    with TemporaryDirectory() as root:
        folder, embedder = Path(root) / "gallery", Embedder()
        vectors, people = made_up(faces, embedder.info.dimension)
        fill(folder, vectors, people, embedder.info.id)
        gallery = Gallery(folder, readonly=False)
        publish_faces(gallery, embedder, load_detector().name)
        gallery.close()
        results["floor_ms"] = floor(folder, photo)
        rng = np.random.default_rng(0)

        def by_id(number: int) -> list[Question]:
            return [("GET", f"/similar?image=face:{one + 1}", None, {}) for one in rng.integers(0, faces, number)]

        for workers in (1, 2):
            service = Service(folder, workers)
            row: dict[str, Any] = {"ready_s": round(service.ready_s, 2), "at_rest": service.memory_mb()}
            row["tensorflow"] = service.loads("tensorflow")
            load(service, by_id(200))
            for clients in (1, CLIENTS):
                row[f"by_id_{clients}"] = load(service, by_id(1000 * clients), clients)
                row[f"by_photo_{clients}"] = load(service, [upload(photo)] * (100 * clients), clients)
            row["compare_1"] = load(service, [upload(photo, "/compare?other=face:1", "one")] * 100, 1)
            row["people_1"] = load(service, [("GET", "/people", None, {})] * 20, 1)
            row["people_unchanged_1"] = load(service, [("GET", "/people", None, service.tag("/people"))] * 20, 1)
            if workers == 1:
                row["memory_after"] = {"5920": service.memory_mb()}
                load(service, by_id(questions))
                row["memory_after"][str(questions + 5920)] = service.memory_mb()
            results[f"workers_{workers}"] = row
            service.end()
    click.echo(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
