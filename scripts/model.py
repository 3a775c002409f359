"""``niteru model``: the networks that make the vectors."""

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
    help="Refuse a model whose terms are none of these. Can be given several times.",
)


@click.group("model")
def command() -> None:
    """The networks that make the vectors: which there are, which one a gallery uses, and new ones."""


@command.command("list")
@gallery_option
@json_option
@plain_errors
def list_models(gallery: str, as_json: bool) -> None:
    """Every model at hand, and which one the gallery uses.

    \b
    niteru model list
    """
    try:
        used = chosen_model(gallery).resolve()
    except ModelUnusable as error:
        used = Path()
        log.warning("the gallery's model is missing: %s", error)
    known = [(folder, info, folder.resolve() == used) for folder, info in models()]
    if as_json:
        print_json({"models": [_as_json(*row) for row in known]})
        return
    for folder, info, here in known:
        click.echo(f"{'*' if here else ' '} {info.id}  {info.dimension} numbers, {info.side}×{info.side} pixels")
        click.echo(f"    {info.licence}")
        click.echo(f"    {folder}")


def _as_json(folder: Path, info: ModelInfo, used: bool) -> dict[str, object]:
    return {"folder": str(folder), "id": info.id, "used": used, **asdict(info)}


@command.command("use")
@click.argument("name")
@gallery_option
@licence_option
@json_option
@plain_errors
def use(name: str, gallery: str, licences: tuple[str, ...], as_json: bool) -> None:
    """Let a gallery use model NAME (or a model's folder): its faces are embedded anew from their stored crops.

    The gallery answers with its old vectors until the new ones are published.

    \b
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
        click.echo(f"{gallery} is empty; what is indexed there will be embedded by {done.model}")


@command.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--faces", type=click.Path(path_type=Path), required=True, help="Labelled people to calibrate it on.")
@click.option("--name", help="What to call it; the file's name without one.")
@click.option("--licence", required=True, help="Its terms, as MIT or 'research only'.")
@click.option("--training-data", required=True, help="What it was trained on.")
@click.option("--side", type=int, help="Of its input in pixels; read off the network where it says.")
@click.option("--colour", type=click.Choice(COLOURS), help="Tried out on FACES if not given.")
@click.option("--values", type=click.Choice(list(VALUES)), help="Of its input; tried out on FACES if not given.")
@click.option("--window", type=int, default=112, show_default=True, help="Central part of the 112-pixel crop it sees.")
@licence_option
@crops_option
@json_option
@plain_errors
def add_model(
    file: Path, faces: Path, name: str | None, licences: tuple[str, ...], crops: bool, as_json: bool, **said: Any
) -> None:
    """Take in a network trained elsewhere: .tflite, .keras or .onnx, from an aligned face to a vector.

    It is tried on drawn people and calibrated on FACES, and then serves like niteru's own.

    \b
    niteru model add face.onnx --faces photos/ --licence MIT --training-data "my own photos"
    """
    foreign = Foreign(name=name or file.stem, **said)
    check_licence(foreign, licences)
    check_name(foreign.name)
    folder = add(file, foreign, prepare(faces, crops=crops))
    info = read_info(folder, ModelInfo)
    if as_json:
        print_json(_as_json(folder, info, used=False))
    else:
        low, high = info.values
        click.echo(f"{info.id} in {folder}, fed {info.side}×{info.side} pixels, {info.colour}, {low:g} to {high:g}")
        click.echo(f"next: niteru evaluate {faces} --model {info.name}; niteru model use {info.name}")


def check_licence(model: ModelInfo | Foreign, licences: tuple[str, ...]) -> None:
    """Hold a model's terms against those that are allowed.

    Raises:
        ModelUnusable: if they are none of them.
    """
    if licences and model.licence.casefold() not in {licence.casefold() for licence in licences}:
        raise ModelUnusable(f"the terms of {model.name} are {model.licence!r}; allowed: {', '.join(licences)}")
