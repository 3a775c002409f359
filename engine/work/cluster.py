"""Where bulk work runs: a pool of processes here, or a Dask cluster (https://distributed.dask.org).

``NITERU_DASK=tcp://HOST:8786`` names its scheduler. Both are executors of :mod:`concurrent.futures`, and the work does
not know which one it runs on. Before any work is given away, every worker must have shown that it runs the same code,
sees the same photos, and has a model that gives the same vectors; it is brought there once where it is missing.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import cv2
import numpy as np

from niteru import engine
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import (
    Embedder,
    ModelInfo,
)
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.failure import Failure
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, read_info
from niteru.engine.photos.source import PhotoSource
from niteru.engine.work.extras import extra
from niteru.engine.work.worker_pool import WORKERS, worker_pool

ADDRESS = "NITERU_DASK"
LEAST_COSINE = 0.999
"""Of a worker's vectors with ours: as much as two processors round otherwise."""
_WAIT_S = 10
_AHEAD = 4
"""Batches for every thread of the cluster that are under way at once."""
_brought: dict[str, Path] = {}
"""Models that were brought to this process, by id."""


class ClusterUnusable(Failure):
    """No cluster answers, or its workers cannot do the work; says which, and the next step."""


class WorkerLost(Failure):
    """A worker process on this machine died."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Where bulk work runs, and how many tasks should be under way at once."""

    executor: Executor
    ahead: int


def has_cluster() -> bool:
    """Whether bulk work goes to a cluster."""
    return bool(os.environ.get(ADDRESS))


@contextlib.contextmanager
def bulk(model: Path | None = None, files: tuple[PhotoSource, ...] = ()) -> Iterator[Bulk]:
    """An executor for bulk work.

    Args:
        model: folder of the model that the workers embed with; None if they do not.
        files: that each of them must be able to read.

    Raises:
        ClusterUnusable: no cluster answers, or its workers cannot do the work.
        WorkerLost: a worker process on this machine died.
        ExtraMissing: a cluster is asked for, and Dask is not installed.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        try:
            with worker_pool() as pool:
                yield Bulk(pool, 32)
        except BrokenProcessPool:
            raise WorkerLost(
                f"a worker process was ended from outside, perhaps for lack of memory: give fewer ({WORKERS}=1); "
                "the same command goes on from here"
            ) from None
        return
    with _client(address) as client:
        threads = _checked(client, address, model, files)
        with client.get_executor(pure=False, retries=2) as executor:
            try:
                yield Bulk(executor, max(_AHEAD * threads, 8))
            except CancelledError:
                raise ClusterUnusable(f"{address}: the scheduler is gone; the same command goes on from here") from None
            except Exception as error:
                if type(error).__module__.partition(".")[0] != "distributed":
                    raise
                what = f"{address}: {type(error).__name__}: {error}"
                raise ClusterUnusable(f"{what}; the same command goes on from here") from error


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    with extra("dask", ADDRESS):
        from distributed import Client
    try:
        # A client that finds nobody tries for long, and ends loudly.
        parts = urlsplit(address)
        socket.create_connection((parts.hostname or "", parts.port or 0), _WAIT_S).close()
        client: Any = cast(Any, Client)(address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:
        raise ClusterUnusable(
            f"{ADDRESS}={address}: no scheduler answers there ({error}). Start one: dask scheduler; or unset {ADDRESS}"
        ) from None
    with client:
        yield client


def _checked(client: Any, address: str, model: Path | None, files: tuple[PhotoSource, ...]) -> int:
    """See that every worker can do the work; how many threads they have."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise ClusterUnusable(f"{address}: no worker has joined: dask worker {address}")
    for worker, said in _on_all(client, code_mark).items():
        if said != code_mark():
            raise ClusterUnusable(f"{worker} runs {said}, not {code_mark()}: install the same there")
    for worker, missing in _on_all(client, functools.partial(_unseen, files)).items():
        if missing:
            raise ClusterUnusable(
                f"{worker} does not see {missing}: mount the folder there under the same path, or give an address "
                "that all machines reach (s3://…)"
            )
    if model is not None:
        _bring(client, model)
    return sum(int(worker["nthreads"]) for worker in workers.values())


def _bring(client: Any, model: Path) -> None:
    """Bring a model to all workers, those that join later too, and see that they get our vectors out of it."""
    from distributed import WorkerPlugin

    class Luggage(WorkerPlugin):  # type: ignore[misc]
        """Unpacked by each worker when it starts."""

        def __init__(self, model_id: str, files: dict[str, bytes]) -> None:
            self.name, self.model_id, self.files = f"niteru {model_id}", model_id, files

        def setup(self, worker: Any) -> None:
            """Called by the worker."""
            from niteru.engine.work.cluster import unpack

            unpack(self.model_id, self.files, Path(worker.local_directory))

    info = read_info(model, ModelInfo)
    # What came with niteru is there: the code is the same.
    brought = not model.resolve().is_relative_to(MODELS.resolve())
    files = {file.name: file.read_bytes() for file in model.iterdir() if file.is_file()} if brought else {}
    client.register_plugin(Luggage(info.id, files))
    ours = reference_vectors(info.id)
    for worker, theirs in _on_all(client, functools.partial(reference_vectors, info.id)).items():
        agreement = float((ours * theirs).sum(axis=1).min())
        if agreement < LEAST_COSINE:
            raise ClusterUnusable(f"{worker}: {info.id} gives other vectors there (cosine {agreement:.4f})")


def _on_all(client: Any, work: Callable[[], Any]) -> dict[str, Any]:
    """What every worker answers."""
    answers: dict[str, Any] = client.run(work, on_error="return")
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):
            raise ClusterUnusable(
                f"{worker}: {type(answer).__name__}: {answer}. Install the same niteru there: pip install niteru"
            )
    return answers


def unpack(model_id: str, files: dict[str, bytes], folder: Path) -> None:
    """Runs in a worker: make a model at hand, if it is not, in a folder that goes when the worker does."""
    cv2.setNumThreads(1)
    try:
        find_model(model_id)
    except ModelUnusable:
        folder = folder / "model" / model_id.replace(":", "-")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        _brought[model_id] = folder


@functools.cache
def process_embedder(model_id: str) -> Embedder:
    """The embedder of this process, loaded at first use and kept.

    Raises:
        ModelUnusable: the model is not here.
    """
    return Embedder(_brought.get(model_id) or find_model(model_id))


def reference_vectors(model_id: str) -> Vectors:
    """Runs in a worker: the vectors of drawn people, by which two machines are compared."""
    crops, people = reference_crops()
    return process_embedder(model_id).embed(crops[np.unique(people, return_index=True)[1]])


@functools.cache
def code_mark(*packages: str) -> str:
    """Runs in a worker: a mark of the code that packages have there, the engine's first of all."""
    digest = hashlib.sha256()
    for package in (engine.__name__, *packages):
        root = Path(str(import_module(package).__file__)).parent
        for source in sorted(root.rglob("*.py")):
            digest.update(b"" if "training" in source.relative_to(root).parts else source.read_bytes())
    return f"Python {sys.version_info.major}.{sys.version_info.minor}, niteru {digest.hexdigest()[:12]}"


def _unseen(files: tuple[PhotoSource, ...]) -> str | None:
    """Runs in a worker: a file that cannot be read there."""
    for file in files:
        try:
            with file.open("rb") as data:
                data.read(1)
        except OSError:
            return str(file)
    return None
