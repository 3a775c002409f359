"""Indexing on a Dask cluster and in the local pool: photos per second with one and two workers, and network traffic.

``python -m bench.cluster PHOTOS [--rounds 3] [--hosts]`` prints JSON. Scheduler and workers are local processes. With
``--hosts`` each worker is in a network namespace with an address of its own, like another host, and the bytes on the
virtual cables are counted (needs root and ``ip``); the photos are a shared folder.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

from niteru.engine.work.cluster import ADDRESS, Bulk
from niteru.engine.work.worker_pool import worker_pool
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update

DASK = str(Path(sys.executable).with_name("dask"))
_HOST = "10.213.{}.{}"


@contextlib.contextmanager
def scheduler(folder: Path, host: str) -> Iterator[str]:
    """Run a scheduler, and yield its address."""
    words = ["scheduler", "--host", host, "--port", "0", "--no-dashboard", "--no-show"]
    with _process([DASK, *words], folder / "scheduler.log", r"Scheduler at:\s+(tcp://\S+)") as address:
        yield address


@contextlib.contextmanager
def worker(folder: Path, address: str, name: str, host: str, inside: list[str]) -> Iterator[str]:
    """Run a worker with one thread, and yield once it has joined."""
    words = ["worker", address, "--nthreads", "1", "--no-nanny", "--name", name, "--host", host, "--no-dashboard"]
    log = folder / f"{name}.log"
    with _process([*inside, DASK, *words, "--local-directory", str(folder / name)], log, r"(Registered to)") as joined:
        yield joined


@contextlib.contextmanager
def _process(words: list[str], log: Path, pattern: str) -> Iterator[str]:
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            found = re.search(pattern, log.read_text(errors="replace"))
            if found:
                break
            time.sleep(0.1)
        else:
            raise SystemExit(log.read_text(errors="replace"))
        yield found[1]
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def host(number: int) -> Iterator[list[str]]:
    """Make a network namespace with a cable to this one, and yield the beginning of commands that run inside."""
    name, here, there = f"niteru{number}", f"nt{number}a", f"nt{number}b"
    commands = [
        f"ip netns add {name}",
        f"ip link add {here} type veth peer name {there}",
        f"ip link set {there} netns {name}",
        f"ip addr add {_HOST.format(number, 1)}/24 dev {here}",
        f"ip link set {here} up",
        f"ip netns exec {name} ip addr add {_HOST.format(number, 2)}/24 dev {there}",
        f"ip netns exec {name} ip link set {there} up",
        f"ip netns exec {name} ip link set lo up",
        f"ip netns exec {name} ip route add default via {_HOST.format(number, 1)}",
    ]
    try:
        for command in commands:
            subprocess.run(command.split(), check=True)
        yield ["ip", "netns", "exec", name]
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=False)


def crossed(number: int) -> int:
    """Bytes that have crossed a cable in both directions."""
    folder = Path(f"/sys/class/net/nt{number}a/statistics")
    return sum(int((folder / f"{way}_bytes").read_text()) for way in ("rx", "tx"))


def timed(photos: Path, place: Path) -> dict[str, float]:
    """Time the indexing of photos into a new gallery."""
    shutil.rmtree(place, ignore_errors=True)
    start = time.perf_counter()
    summary = update(place, photos)
    seconds = time.perf_counter() - start
    return {"photos": len(summary.added), "faces": summary.faces, "seconds": round(seconds, 2)}


def local(photos: Path, place: Path, workers: int) -> dict[str, float]:
    """Index with the pool of local processes."""
    os.environ.pop(ADDRESS, None)

    @contextlib.contextmanager
    def pool(*_: Any) -> Iterator[Any]:
        with worker_pool(workers) as some:
            yield Bulk(some, 32)

    with patch("niteru.indexer.update.enrolment.bulk", pool):
        return timed(photos, place)


def cluster(photos: Path, place: Path, workers: int, hosts: bool) -> dict[str, float]:
    """Index with a cluster, whose workers start before the clock."""
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        inside = [running.enter_context(host(number)) if hosts else [] for number in range(1, workers + 1)]
        address = running.enter_context(scheduler(folder, "0.0.0.0" if hosts else "127.0.0.1"))
        port = address.rpartition(":")[2]
        for number, some in enumerate(inside, start=1):
            seen = f"tcp://{_HOST.format(number, 1)}:{port}" if hosts else address
            own = _HOST.format(number, 2) if hosts else "127.0.0.1"
            running.enter_context(worker(folder, seen, f"w{number}", own, some))
        before = sum(crossed(number) for number in range(1, workers + 1)) if hosts else 0
        os.environ[ADDRESS] = f"tcp://127.0.0.1:{port}"
        figures = timed(photos, place)
        os.environ.pop(ADDRESS)
        if hosts:
            wire = sum(crossed(number) for number in range(1, workers + 1)) - before
            figures["bytes_a_photo"] = round(wire / figures["photos"])
        return figures


def faces_of(place: Path) -> list[tuple[str, bytes]]:
    """Photo and vector of every face, in order."""
    with closing(Gallery(place)) as gallery:
        photos = gallery.catalog.queries.photo_of_faces()
        known = gallery.catalog.queries.vectors_of_faces(photos, gallery.generation.model)
        return sorted((photos[face.face], face.vector.tobytes()) for face in known)


def main() -> None:
    """Measure both, and compare their faces."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", action="store_true", help="Put each worker into a network namespace of its own.")
    options = parser.parse_args()
    runs: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as text:
        place = Path(text)
        for _ in range(options.rounds):
            for workers in (1, 2):
                runs.setdefault(f"local, {workers}", []).append(local(options.photos, place / "local", workers))
                runs.setdefault(f"cluster, {workers}", []).append(
                    cluster(options.photos, place / "cluster", workers, options.hosts)
                )
        same = faces_of(place / "local") == faces_of(place / "cluster")
    seconds = {name: statistics.median(run["seconds"] for run in some) for name, some in runs.items()}
    results = {
        "seconds": seconds,
        "overhead_1": round(seconds["cluster, 1"] / seconds["local, 1"] - 1, 3),
        "overhead_2": round(seconds["cluster, 2"] / seconds["local, 2"] - 1, 3),
        "speed_up": round(seconds["cluster, 1"] / seconds["cluster, 2"], 2),
        "same_faces": same,
        "runs": runs,
    }
    print(json.dumps(results, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
