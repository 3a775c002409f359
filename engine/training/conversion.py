"""Conversion of a Keras file from elsewhere into LiteRT weights."""

from __future__ import annotations

from pathlib import Path

import keras

from niteru.engine.networks.model_folder import ModelUnusable


def convert_file(file: Path, weights: Path) -> None:
    """Convert ``.keras`` (or ``.h5``) to ``.tflite``.

    Keras refuses to run code that the file may contain.

    Raises:
        ModelUnusable: if Keras cannot read or convert it.
    """
    try:
        keras.saving.load_model(file, compile=False).export(str(weights), format="litert", verbose=False)
    except Exception as error:  # the errors of Keras, its backend and the converter share no other base
        raise ModelUnusable(f"{file}: Keras cannot convert it ({error})") from None
