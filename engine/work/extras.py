"""The packages that only an extra of niteru's brings, and what is said where one of them is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from niteru.engine.failure import Failure

PACKAGES = {
    "annoy": {"annoy"},
    "dask": {"distributed"},
    "map": {"scipy", "sklearn"},
    "milvus": {"pymilvus"},
    "onnx": {"onnxruntime"},
    "pandas": {"pandas"},
    "train": {"dlib", "face_recognition_models", "keras", "matplotlib", "mtcnn", "scipy", "tensorflow"},
}
"""By extra, the packages whose absence is the extra's, as they are imported."""


class ExtraMissing(Failure):
    """A package is not installed that one of niteru's extras brings."""


@contextlib.contextmanager
def extra(name: str, what: str, failure: type[Failure] = ExtraMissing) -> Iterator[None]:
    """A block of imports that needs an extra; any other module that is missing in it is a bug, and stays one.

    Args:
        name: of the extra.
        what: needs it, as a sentence about it begins.
        failure: what is raised; another class where callers have an answer to that one.

    Raises:
        ExtraMissing: one of the extra's packages is not installed; names it and the command that installs it.

    Example:
        >>> with extra("annoy", "an annoy index"):
        ...     from annoy import AnnoyIndex
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES[name]:
            raise
        raise failure(f"{what} needs the package {error.name}: pip install 'niteru-faces[{name}]'") from None
