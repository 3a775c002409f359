"""The service under load: how soon it is ready, what it keeps, how many questions it answers, beside the bare steps.

``python -m bench.service [--faces 100000] [--questions 20000]``: JSON. The gallery is made up (see :mod:`bench.scale`),
the uploaded photo is drawn; the service is the real one, asked over keep-alive connections from the same machine.
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
        """Status of the answer."""
        asked = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        method, path, body, headers = question
        asked.request(method, path, body, headers)
        answer = asked.getresponse()
        answer.read()
        if connection is None:
            asked.close()
        return answer.status

    def memory_mb(self) -> dict[str, float]:
        """Of all its processes: resident, and its share where pages are shared."""
        rows = [_rollup(pid) for pid in (self.process.pid, *_children(self.process.pid))]
        return {key.lower() + "_mb": round(sum(row[key] for row in rows) / 1024, 1) for key in ("Rss", "Pss")}

    def loads(self, name: str) -> bool:
        """Whether a library is mapped into any of its processes."""
        pids = (self.process.pid, *_children(self.process.pid))
        return any(name in Path(f"/proc/{pid}/maps").read_text() for pid in pids)

    def end(self) -> None:
        """Stop it gracefully."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def load(service: Service, questions: list[Question], clients: int = CLIENTS) -> dict[str, float]:
    """Ask them all over so many connections; rate, and milliseconds of each."""
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
            if status != 200:
                failed.append(status)

    start = perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    took = perf_counter() - start
    spent.sort()
    return {
        "questions": len(spent),
        "failed": len(failed),
        "a_second": round(len(spent) / took, 1),
        "p50_ms": round(statistics.median(spent), 2),
        "p99_ms": round(spent[int(len(spent) * 0.99)], 2),
    }


def floor(gallery: Path, photo: bytes) -> dict[str, float]:
    """Milliseconds of the bare steps, one thread: what no service could be under."""
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
    """A photo of 400 pixels with one face, as JPEG."""
    drawn = cv2.resize(draw(person(0), 0).image, (PHOTO_SIDE, PHOTO_SIDE))
    return bytes(cv2.imencode(".jpg", drawn[..., ::-1])[1].tobytes())


def upload(photo: bytes) -> Question:
    """The question that sends a photo."""
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'.encode()
    body = head + photo + f"\r\n--{mark}--\r\n".encode()
    return "POST", "/similar", body, {"Content-Type": f"multipart/form-data; boundary={mark}"}


@click.command()
@click.option("--faces", type=int, default=100_000, show_default=True)
@click.option("--questions", type=int, default=20_000, show_default=True, help="To see whether memory grows.")
def main(faces: int, questions: int) -> None:
    """Measure."""
    photo = drawn_photo()
    figures: dict[str, Any] = {"faces": faces, "cores": os.cpu_count()}
    with TemporaryDirectory() as root:
        folder, embedder = Path(root) / "gallery", Embedder()
        vectors, people = made_up(faces, embedder.info.dimension)
        fill(folder, vectors, people, embedder.info.id)
        gallery = Gallery(folder, readonly=False)
        publish_faces(gallery, embedder, load_detector().name)
        gallery.close()
        figures["floor_ms"] = floor(folder, photo)
        dice = np.random.default_rng(0)

        def by_id(number: int) -> list[Question]:
            return [("GET", f"/similar?image=face:{one + 1}", None, {}) for one in dice.integers(0, faces, number)]

        for workers in (1, 2):
            service = Service(folder, workers)
            row: dict[str, Any] = {"ready_s": round(service.ready_s, 2), "at_rest": service.memory_mb()}
            row["tensorflow"] = service.loads("tensorflow")
            load(service, by_id(200))
            for clients in (1, CLIENTS):
                row[f"by_id_{clients}"] = load(service, by_id(1000 * clients), clients)
                row[f"by_photo_{clients}"] = load(service, [upload(photo)] * (100 * clients), clients)
            if workers == 1:
                row["memory_after"] = {"5700": service.memory_mb()}
                load(service, by_id(questions))
                row["memory_after"][str(questions + 5700)] = service.memory_mb()
            figures[f"workers_{workers}"] = row
            service.end()
    click.echo(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
