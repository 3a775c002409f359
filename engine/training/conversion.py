"""A Keras file that somebody else saved, as LiteRT weights."""

from __future__ import annotations

from pathlib import Path

import keras

from niteru.engine.networks.model_folder import ModelUnusable


def convert_file(file: Path, weights: Path) -> None:
    """Convert ``.keras`` (or ``.h5``) to ``.tflite``.

    Code that a file brings along is not run: Keras refuses it.

    Raises:
        ModelUnusable: if Keras cannot read or convert it.
    """
    try:
        keras.saving.load_model(file, compile=False).export(str(weights), format="litert", verbose=False)
    except Exception as error:  # the backend's and the converter's own, which share nothing else
        raise ModelUnusable(f"{file}: Keras cannot convert it ({error})") from None
