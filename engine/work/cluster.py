"""Bulk work on a pool of local processes, or on a Dask cluster (https://distributed.dask.org).

``NITERU_DASK=tcp://HOST:8786`` names the cluster's scheduler. Both are executors of :mod:`concurrent.futures`, and the
work does not know which one it runs on. Before any work is sent out, every worker must show that it runs the same code,
sees the same photos, and has a model that gives the same vectors; a missing model is sent there once.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
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
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.model_zoo import find_model
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.failure import Failure
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, read_info
from niteru.engine.photos.source import PhotoSource
from niteru.engine.work.extras import extra
from niteru.engine.work.usable_cores import WORKERS, usable_cores
from niteru.engine.work.worker_pool import (
    worker_pool,
)

ADDRESS = "NITERU_DASK"
LEAST_COSINE = 0.999
"""Cosine between a worker's vectors and ours, at least: two processors round differently by as much."""
_RESUME = "run the same command again to resume"
_WAIT_S = 10
_AHEAD = 4
"""Batches in flight for every thread of the cluster."""
_received: dict[str, Path] = {}
"""Folders of the models that this process was sent, by the model's id."""


class ClusterUnusable(Failure):
    """No cluster answers, or its workers cannot do the work."""


class WorkerLost(Failure):
    """A worker process on this machine died."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """An executor for bulk work, and the number of tasks it should have in flight."""

    executor: Executor
    ahead: int


def has_cluster() -> bool:
    """Whether bulk work goes to a cluster instead of local processes."""
    return bool(os.environ.get(ADDRESS))


@contextlib.contextmanager
def bulk(
    model: Path | None = None,
    files: tuple[PhotoSource, ...] = (),
    imports: Sequence[str] = (),
    *,
    far: bool = False,
) -> Iterator[Bulk]:
    """Open the executor for bulk work: the cluster's if there is one, else a pool of local processes.

    Args:
        model: folder of the model that the workers embed with, or None if they embed nothing.
        files: files that every worker must be able to read.
        imports: modules that local processes begin with, see :func:`niteru.engine.work.worker_pool.worker_pool`.
        far: what local processes read lies far away: there are two for a core, and one works while the other waits.

    Raises:
        ClusterUnusable: no cluster answers, or its workers cannot do the work.
        WorkerLost: a worker process on this machine died.
        ExtraMissing: a cluster is asked for, and Dask is not installed.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        try:
            with worker_pool(usable_cores(2 if far else 1), imports) as pool:
                yield Bulk(pool, 32)
        except BrokenProcessPool:
            raise WorkerLost(
                f"a worker process was killed, perhaps for lack of memory: use fewer ({WORKERS}=1), and {_RESUME}"
            ) from None
        return
    with _client(address) as client:
        threads = _checked(client, address, model, files)
        with client.get_executor(pure=False, retries=2) as executor:
            try:
                yield Bulk(executor, max(_AHEAD * threads, 8))
            except CancelledError:
                raise ClusterUnusable(f"{address}: the scheduler is gone; {_RESUME}") from None
            except Exception as error:
                if type(error).__module__.partition(".")[0] != "distributed":
                    raise
                what = f"{address}: {type(error).__name__}: {error}"
                raise ClusterUnusable(f"{what}; {_RESUME}") from error


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    with extra("dask", ADDRESS):
        from distributed import Client
    try:
        # Without a scheduler the client itself would try for long and fail with long traces.
        parts = urlsplit(address)
        socket.create_connection((parts.hostname or "", parts.port or 0), _WAIT_S).close()
        client: Any = cast(Any, Client)(address, timeout=_WAIT_S, set_as_default=False)
    except (OSError, ValueError, OverflowError) as error:
        raise ClusterUnusable(
            f"{ADDRESS}={address}: no scheduler answers ({error}). Start one (dask scheduler), or unset {ADDRESS}"
        ) from None
    with client:
        yield client


def _checked(client: Any, address: str, model: Path | None, files: tuple[PhotoSource, ...]) -> int:
    """Check that every worker can do the work, and return the number of threads they have together."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise ClusterUnusable(f"{address}: no worker has joined. Start one: dask worker {address}")
    for worker, mark in _on_all(client, code_mark).items():
        if mark != code_mark():
            raise ClusterUnusable(f"{worker} runs {mark}, not {code_mark()}: install the same version there")
    for worker, missing in _on_all(client, functools.partial(_unseen, files)).items():
        if missing:
            raise ClusterUnusable(
                f"{worker} does not see {missing}: mount the folder there under the same path, or give an address "
                "that all machines reach (s3://…)"
            )
    if model is not None:
        _send_model(client, model)
    return sum(int(worker["nthreads"]) for worker in workers.values())


def _send_model(client: Any, model: Path) -> None:
    """Send a model to all workers, also those that join later, and check that it gives the same vectors there."""
    from distributed import WorkerPlugin

    class ModelPlugin(WorkerPlugin):  # type: ignore[misc]
        """The files of a model, which each worker unpacks when it starts."""

        def __init__(self, model_id: str, files: dict[str, bytes]) -> None:
            self.name, self.model_id, self.files = f"niteru {model_id}", model_id, files

        def setup(self, worker: Any) -> None:
            """Unpack the model into the worker's own folder."""
            from niteru.engine.work.cluster import unpack

            unpack(self.model_id, self.files, Path(worker.local_directory))

    info = read_info(model, ModelInfo)
    # The workers have the models that come with niteru: they run the same code.
    shipped = model.resolve().is_relative_to(MODELS.resolve())
    files = {} if shipped else {file.name: file.read_bytes() for file in model.iterdir() if file.is_file()}
    client.register_plugin(ModelPlugin(info.id, files))
    ours = reference_vectors(info.id)
    for worker, theirs in _on_all(client, functools.partial(reference_vectors, info.id)).items():
        agreement = float((ours * theirs).sum(axis=1).min())
        if agreement < LEAST_COSINE:
            raise ClusterUnusable(
                f"{worker}: {info.id} gives different vectors there (cosine {agreement:.4f}); leave that worker out"
            )


def _on_all(client: Any, work: Callable[[], Any]) -> dict[str, Any]:
    """Run a function on every worker and return the answers by worker."""
    answers: dict[str, Any] = client.run(work, on_error="return")
    for worker, answer in answers.items():
        if isinstance(answer, BaseException):
            raise ClusterUnusable(
                f"{worker}: {type(answer).__name__}: {answer}. Install the same niteru there: pip install niteru"
            )
    return answers


def unpack(model_id: str, files: dict[str, bytes], folder: Path) -> None:
    """Unpack a model in a worker that does not have it, into a folder that goes when the worker does."""
    cv2.setNumThreads(1)
    try:
        find_model(model_id)
    except ModelUnusable:
        folder = folder / "model" / model_id.replace(":", "-")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        _received[model_id] = folder


@functools.cache
def process_embedder(model_id: str) -> Embedder:
    """Embedder of this process, loaded when first used and kept.

    Raises:
        ModelUnusable: the model is not installed here.
    """
    return Embedder(_received.get(model_id) or find_model(model_id))


def reference_vectors(model_id: str) -> Vectors:
    """Vectors of drawn people as a worker gives them, by which two machines are compared."""
    crops, people = reference_crops()
    return process_embedder(model_id).embed(crops[np.unique(people, return_index=True)[1]])


@functools.cache
def code_mark(*packages: str) -> str:
    """Digest of the code that a worker has: the engine's, and that of further packages."""
    digest = hashlib.sha256()
    for package in (engine.__name__, *packages):
        root = Path(str(import_module(package).__file__)).parent
        for source in sorted(root.rglob("*.py")):
            digest.update(b"" if "training" in source.relative_to(root).parts else source.read_bytes())
    return f"Python {sys.version_info.major}.{sys.version_info.minor}, niteru {digest.hexdigest()[:12]}"


def _unseen(files: tuple[PhotoSource, ...]) -> str | None:
    """First of the files that a worker cannot read, or None."""
    for file in files:
        try:
            with file.open("rb") as data:
                data.read(1)
        except OSError:
            return str(file)
    return None
