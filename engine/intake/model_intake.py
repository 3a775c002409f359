"""Make a model of a network that was trained elsewhere: describe it, test it, calibrate it."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.model_zoo import models, own_models
from niteru.engine.evaluation.all_pairs import compared
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.evaluation.model_calibration import measure
from niteru.engine.evaluation.photo_spread import photo_spread
from niteru.engine.evaluation.verification import auc, curve_of
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.engine.intake.model_check import check
from niteru.engine.networks.model_folder import ONNX_WEIGHTS, WEIGHTS, ModelUnusable, write_info
from niteru.engine.networks.network import Runnable, open_network
from niteru.engine.work.extras import extra

LEAST_PEOPLE = 10
"""People with two photos or more that calibration needs."""
TRIED_PEOPLE, TRIED_PHOTOS = 50, 4
"""The user's people, and photos of each, on which colour orders and input values are compared."""
COLOURS = ("rgb", "bgr")
LEAST_PAIRS = 1000
"""Pairs of different people's photos that calibration needs: the threshold is what one in a thousand reaches."""
VALUES = {"-1..1": [-1.0, 1.0], "0..255": [0.0, 255.0], "0..1": [0.0, 1.0]}
_CARD = """# {name}

Added from `{file}`; niteru did not train it.

- Licence: {licence}
- Training data: {data}
- Input: {side}×{side} pixels from the central {window} of the aligned 112×112 crop, {colour}, 0 to 255 taken as
  {low:g} to {high:g}
- Calibrated on {faces} faces of {people} people

It was tested on drawn people: its vectors are finite and the same at every call, change little under mirroring and
more light, and tell drawn people apart. How well it knows real people: `niteru evaluate FACES --model {name}`.
"""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Metadata of a network, as the user states it.

    Attributes:
        name: name that the model gets.
        licence: terms of its weights.
        training_data: what it was trained on.
        side: input side in pixels, where the network leaves it open.
        colour: ``rgb`` or ``bgr``; None tries both and keeps the one that tells the user's people apart better.
        values: a key of :data:`VALUES`; None tries them all, too.
        window: side of the central part of the 112-pixel crop that the network is to see.
    """

    name: str
    licence: str
    training_data: str
    side: int | None = None
    colour: str | None = None
    values: str | None = None
    window: int = CROP_SIZE


def add(file: Path, metadata: Foreign, faces: CropSet) -> Path:
    """Add a network to the user's models; one that fails leaves nothing behind.

    Args:
        file: ``.tflite``, ``.onnx``, or ``.keras`` (converted; needs the ``train`` extra).
        metadata: what is known about the network.
        faces: labelled people to calibrate on.

    Returns:
        The model's new folder.

    Raises:
        ModelUnusable: the network does not fit its metadata or fails a test, or its name is taken.
        ExtraMissing: the network has to be converted, and Keras is not installed.
    """
    check_name(metadata.name)
    folder = own_models() / metadata.name
    _check_people(faces)
    own_models().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=own_models(), prefix=".") as temporary:
        aside = Path(temporary) / metadata.name
        aside.mkdir()
        info = _describe(open_network(_copy_weights(file, aside)), metadata, file)
        embedder = _best_reading(aside, info, metadata, faces)
        check(embedder)
        calibration, genuine = measure(embedder, faces)
        spread = photo_spread(embedder, faces)
        info = write_info(aside, replace(embedder.info, calibration=calibration, genuine=genuine, spread=spread))
        low, high = info.values
        card = _CARD.format(
            **{"name": info.name, "file": file.name, "licence": info.licence, "data": metadata.training_data},
            **{"side": info.side, "window": info.window, "colour": info.colour, "low": low, "high": high},
            **{"faces": len(faces.refs), "people": len(set(faces.people))},
        )
        (aside / "CARD.md").write_text(card, encoding="utf-8")
        aside.rename(folder)
    return folder


def _best_reading(folder: Path, info: ModelInfo, metadata: Foreign, faces: CropSet) -> Embedder:
    """The model with the colour order and input values that are stated, or else tell the user's people apart best."""
    rows = _few(faces.people)
    crops, people = faces.crops[rows], np.unique([faces.people[row] for row in rows], return_inverse=True)[1]
    found: list[tuple[float, Embedder]] = []
    for colour in (metadata.colour,) if metadata.colour else COLOURS:
        for values in (metadata.values,) if metadata.values else VALUES:
            write_info(folder, replace(info, colour=colour, values=VALUES[values]))
            embedder = Embedder(folder)
            vectors = embedder.embed(crops)
            if np.isfinite(vectors).all():
                found.append((_auc(vectors, people), embedder))
    if not found:
        raise ModelUnusable(f"{info.name} gives vectors that are not finite, whatever its colours and input values")
    return max(found, key=lambda one: one[0])[1]


def _few(people: list[str]) -> list[int]:
    """Rows of a few photos each of some of the people who have two or more."""
    rows = defaultdict(list)
    for row, person in enumerate(people):
        rows[person].append(row)
    paired = [of_person[:TRIED_PHOTOS] for of_person in rows.values() if len(of_person) > 1]
    return sorted(row for of_person in paired[:TRIED_PEOPLE] for row in of_person)


def _auc(vectors: Vectors, people: NDArray[np.int64]) -> float:
    return auc(curve_of(*compared(vectors, people)))


def check_name(name: str) -> None:
    """Refuse a name that another model has, or that cannot name a folder.

    Raises:
        ModelUnusable: the name is refused.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise ModelUnusable(f"{name!r} cannot name a model: it must be usable as the name of a folder")
    taken = [folder for folder, info in models() if info.name == name]
    if taken or (own_models() / name).exists():
        where = taken[0] if taken else own_models() / name
        raise ModelUnusable(f"{where}: there is a model {name} already; give this one another name")


def _check_people(faces: CropSet) -> None:
    counts = np.array(list(Counter(faces.people).values()))
    paired = int((counts > 1).sum())
    if paired < LEAST_PEOPLE:
        raise ModelUnusable(
            f"{paired} people with two photos or more to calibrate on; at least {LEAST_PEOPLE} are needed"
        )
    pairs = int(counts.sum() ** 2 - (counts**2).sum()) // 2
    if pairs < LEAST_PAIRS:
        raise ModelUnusable(
            f"{pairs} pairs of different people's photos to calibrate on; at least {LEAST_PAIRS} are needed"
        )


def _copy_weights(file: Path, folder: Path) -> Path:
    """Copy the weights into the model's folder, converted where they cannot run as they are."""
    match file.suffix.lower():
        case ".keras" | ".h5":
            return _converted(file, folder / WEIGHTS)
        case ".tflite" | ".onnx" as kind:
            open_network(file)  # an error names the user's file, not the copy
            weights = shutil.copyfile(file, folder / (WEIGHTS if kind == ".tflite" else ONNX_WEIGHTS))
            try:
                open_network(weights)
            except ModelUnusable:
                raise ModelUnusable(f"{file} keeps its weights in files beside it: save it as one file") from None
            return weights
    raise ModelUnusable(f"{file}: a network must be a .tflite, .onnx or .keras file")


def _converted(file: Path, weights: Path) -> Path:
    with extra("train", f"conversion of {file}"):
        from niteru.engine.training.conversion import convert_file
    convert_file(file, weights)
    return weights


def _describe(network: Runnable, metadata: Foreign, file: Path) -> ModelInfo:
    """Description of the model; the size of its input and of its vectors are read from the network."""
    shape = network.input_shape
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise ModelUnusable(f"{file} takes {_spelled(shape)}; pictures are (n, side, side, 3) or (n, 3, side, side)")
    height, width = shape[2:] if shape[1] == 3 else shape[1:3]
    height, width = (metadata.side if size == -1 and metadata.side else size for size in (height, width))
    if -1 in (height, width):
        raise ModelUnusable(f"{file} takes pictures of any size: say which one it was trained on (--side)")
    if metadata.side and metadata.side != width:
        raise ModelUnusable(f"{file} takes pictures of {width}×{height}, not of {metadata.side}×{metadata.side}")
    if height != width or not 16 <= width <= 512:
        raise ModelUnusable(f"{file} takes pictures of {width}×{height}; square ones of 16 to 512 pixels are needed")
    if not 32 <= metadata.window <= CROP_SIZE:
        raise ModelUnusable(f"a window of {metadata.window} does not fit crops of {CROP_SIZE}: 32 to {CROP_SIZE}")
    return ModelInfo(
        name=metadata.name,
        fingerprint="",
        licence=metadata.licence,
        training_data=[metadata.training_data],
        dimension=_dimension(network, shape, width, file),
        side=width,
        window=metadata.window,
        colour=COLOURS[0],
        values=VALUES["-1..1"],
        calibration={},
        genuine={},
    )


def _dimension(network: Runnable, shape: tuple[int, ...], side: int, file: Path) -> int:
    # A file that claims to take any batch must take two.
    count = 2 if shape[0] == -1 else shape[0]
    grey = np.zeros((count, 3, side, side) if shape[1] == 3 else (count, side, side, 3), np.float32)
    try:
        outputs = network(grey)
    except Exception as error:  # each runtime raises errors of its own
        raise ModelUnusable(f"{file} cannot take {count} pictures of {side}×{side}: {error}") from None
    if len(outputs) != 1 or outputs[0].ndim != 2 or len(outputs[0]) != count or not 16 <= outputs[0].shape[1] <= 4096:
        gives = ", ".join(_spelled(output.shape) for output in outputs)
        raise ModelUnusable(f"{file} gives {gives}; one vector of 16 to 4096 numbers a face is needed")
    return int(outputs[0].shape[1])


def _spelled(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join("any" if size == -1 else str(size) for size in shape) + ")"
