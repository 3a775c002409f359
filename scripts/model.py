"""``niteru model``: list, choose and add embedding models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.embedding.model_zoo import find_model, models
from niteru.engine.evaluation.crop_set import prepare
from niteru.engine.intake.model_intake import COLOURS, VALUES, Foreign, add, check_name
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.indexer.gallery import chosen_model
from niteru.indexer.update.remodel import use_model
from niteru.scripts.common import crops_option, gallery_option, json_option, log, plain_errors, print_json

licence_option = click.option(
    "--require-licence",
    "licences",
    multiple=True,
    metavar="LICENCE",
    help="Refuse a model under any other licence. Can be given several times.",
)


@click.group("model")
def command() -> None:
    """List, choose and add embedding models.

    An embedding model turns a face into the vector that is compared with others. Each gallery uses one model.

    \b
    Examples:
      niteru model list
      niteru model use niteru-free
    """


@command.command("list")
@gallery_option
@json_option
@plain_errors
def list_models(gallery: str, as_json: bool) -> None:
    """List the installed models, and mark the one that the gallery uses.

    \b
    Examples:
      niteru model list
    """
    try:
        used = chosen_model(gallery).resolve()
    except ModelUnusable as error:
        used = Path()
        log.warning("the gallery's model is missing: %s", error)
    installed = [(folder, info, folder.resolve() == used) for folder, info in models()]
    if as_json:
        print_json({"models": [_as_json(*row) for row in installed]})
        return
    for folder, info, in_use in installed:
        click.echo(f"{'*' if in_use else ' '} {info.id}  {info.dimension} numbers, {info.side}×{info.side} pixels")
        click.echo(f"    {info.licence}")
        click.echo(f"    {folder}")


def _as_json(folder: Path, info: ModelInfo, used: bool) -> dict[str, object]:
    return {"folder": str(folder), "id": info.id, "used": used, **asdict(info)}


@command.command("use")
@click.argument("name", metavar="MODEL")
@gallery_option
@licence_option
@json_option
@plain_errors
def use(name: str, gallery: str, licences: tuple[str, ...], as_json: bool) -> None:
    """Make a gallery use another model.

    MODEL is the name of an installed model, or the folder of one. All faces of the gallery are embedded anew from their
    stored crops; until that is done, searches still use the old vectors.

    \b
    Examples:
      niteru model use my-model --gallery gallery
      niteru model use niteru-free --require-licence CC0-1.0 --require-licence MIT
    """
    folder = find_model(name)
    check_licence(read_info(folder, ModelInfo), licences)
    done = use_model(gallery, folder)
    if as_json:
        print_json(asdict(done))
    elif done.generation:
        click.echo(f"{gallery} uses {done.model}: {done.faces} faces embedded anew, generation {done.generation}")
    else:
        click.echo(f"{gallery} is empty; faces that are indexed there will be embedded by {done.model}")


@command.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--faces",
    metavar="FACES",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of labelled people, one folder per person, to calibrate the model on.",
)
@click.option("--name", metavar="NAME", help="Name of the model here; that of the file by default.")
@click.option("--licence", metavar="LICENCE", required=True, help="Licence of the model, such as MIT or research only.")
@click.option("--training-data", metavar="TEXT", required=True, help="Data that the model was trained on.")
@click.option("--side", metavar="PIXELS", type=int, help="Side of the input; by default as the network declares it.")
@click.option("--colour", type=click.Choice(COLOURS), help="Colour order of the input; found out on FACES by default.")
@click.option(
    "--values", type=click.Choice(list(VALUES)), help="Range of the input's values; found out on FACES by default."
)
@click.option(
    "--window",
    metavar="PIXELS",
    type=int,
    default=112,
    show_default=True,
    help="Side of the central part of the 112-pixel crop that the model gets to see.",
)
@licence_option
@crops_option
@json_option
@plain_errors
def add_model(
    file: Path, faces: Path, name: str | None, licences: tuple[str, ...], crops: bool, as_json: bool, **properties: Any
) -> None:
    """Add a network that was trained elsewhere.

    FILE is a .tflite, .keras or .onnx network that turns an aligned face into a vector. It is tried out on drawn people
    and calibrated on FACES, and can then be used like the shipped models.

    \b
    Examples:
      niteru model add face.onnx --faces photos/ --licence MIT --training-data "my own photos"
    """
    foreign = Foreign(name=name or file.stem, **properties)
    check_licence(foreign, licences)
    check_name(foreign.name)
    folder = add(file, foreign, prepare(faces, crops=crops))
    info = read_info(folder, ModelInfo)
    if as_json:
        print_json(_as_json(folder, info, used=False))
    else:
        low, high = info.values
        click.echo(f"{info.id} in {folder}: input {info.side}×{info.side} pixels, {info.colour}, {low:g} to {high:g}")
        click.echo(f"next: niteru evaluate {faces} --model {info.name}, then niteru model use {info.name}")


def check_licence(model: ModelInfo | Foreign, licences: tuple[str, ...]) -> None:
    """Refuse a model whose licence is none of those that are allowed; all are if none is named.

    Raises:
        ModelUnusable: the licence is another one.
    """
    if licences and model.licence.casefold() not in {licence.casefold() for licence in licences}:
        raise ModelUnusable(f"the licence of {model.name} is {model.licence!r}; allowed: {', '.join(licences)}")
