"""Search for dropped or wrong answers, and for growing memory, while new generations are published under load.

``python -m bench.reloads [--reloads 200] [--faces 5000]`` prints JSON. Each generation has one person more than the one
before. Clients ask for faces of the gallery, with everybody in the answer: the face's own person must come first, and
the number of faces must be that of the generation that answered. One question in eight is a photo.
"""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import click
import numpy as np

from bench.scale import PHOTOS, fill, made_up
from bench.service import CLIENTS, Service, drawn_photo, upload
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.faces.detector import load_detector
from niteru.engine.work.progress import progress_bar
from niteru.indexer.gallery import Gallery
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.publishing import publish_faces


class Askers:
    """Clients that ask until they are stopped, and note wrong answers."""

    def __init__(self, service: Service, faces: int, faces_of: dict[int, int]) -> None:
        """Start the clients.

        Args:
            service: service to ask.
            faces: number of faces that are asked for.
            faces_of: number of faces in each generation, to which further ones are added meanwhile.
        """
        self.questions, self.failures, self.seen = 0, list[str](), set[int]()
        self._service, self._faces, self._faces_of = service, faces, faces_of
        self._photo = upload(drawn_photo())
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(seed,)) for seed in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop the clients and wait for their last answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self._service.port, timeout=30)
        while not self._stop.is_set():
            face = int(rng.integers(self._faces))
            by_photo = rng.random() < 1 / 8
            question = self._photo if by_photo else ("GET", f"/similar?image=face:{face + 1}&mode=all", None, {})
            try:
                connection.request(question[0], question[1], question[2], question[3])
                reply = connection.getresponse()
                wrong = self._wrong(reply.status, json.loads(reply.read()), None if by_photo else face)
            except (OSError, http.client.HTTPException, ValueError) as error:
                wrong = repr(error)
                connection.close()
            self.questions += 1
            if wrong:
                self.failures.append(wrong)

    def _wrong(self, status: int, answer: dict[str, Any], face: int | None) -> str:
        """Describe what is wrong with an answer; empty if nothing is."""
        if status != 200:
            return f"{status} {answer.get('type')}"
        number, faces = answer["gallery"]["generation"], answer["gallery"]["faces"]
        self.seen.add(number)
        if self._faces_of.get(number) != faces:
            return f"generation {number} has {self._faces_of.get(number)} faces, but the answer gives {faces}"
        if face is not None and answer["results"][0]["person"] != f"P{face // PHOTOS:06d}":
            return f"face {face} is nearest to {answer['results'][0]['person']}"
        return ""


@click.command()
@click.option("--reloads", type=int, default=200, show_default=True)
@click.option("--faces", type=int, default=5_000, show_default=True)
@click.option("--workers", type=int, default=1, show_default=True)
def main(reloads: int, faces: int, workers: int) -> None:
    """Publish generations while clients ask, and count wrong answers."""
    embedder, detector = Embedder(), load_detector().name
    vectors, people = made_up(faces + reloads * PHOTOS, embedder.info.dimension)
    with TemporaryDirectory() as root:
        folder = Path(root) / "gallery"
        faces_of: dict[int, int] = {}

        def publish(first: int, last: int) -> None:
            fill(folder, vectors[first:last], people[first:last], embedder.info.id, first)
            faces_of[(LocalGenerationStore(folder).current() or 0) + 1] = last
            gallery = Gallery(folder, readonly=False)
            publish_faces(gallery, embedder, detector)
            gallery.close()

        publish(0, faces)
        service = Service(folder, workers)
        askers = Askers(service, faces, faces_of)
        start, memory = perf_counter(), list[float]()
        with progress_bar("reloads", reloads, "generation") as bar:
            for number in range(reloads):
                publish(faces + number * PHOTOS, faces + (number + 1) * PHOTOS)
                if number % 20 == 0 or number == reloads - 1:
                    memory.append(service.memory_mb()["rss_mb"])
                bar.update(1)
        took = perf_counter() - start
        askers.end()
        service.end()
    results = {
        "reloads": reloads,
        "seconds": round(took, 1),
        "generations_that_answered": len(askers.seen),
        "questions": askers.questions,
        "failures": len(askers.failures),
        "examples": askers.failures[:5],
        "rss_mb": memory,
    }
    click.echo(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
