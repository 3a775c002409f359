"""Networks beside one another: the same crops, the same yardsticks, the same run.

``python -m bench.peers FACES [--model NAME…] [--dlib] [--timed 200] [--out peers.json]``: a table. FACES is laid out as
:mod:`bench.yardsticks` says; models are those of ``niteru model list``, the shipped ones by default. Times are medians
a face of interleaved calls on one thread. dlib takes 90 ms a face, so ``--dlib`` takes half an hour.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np

from bench.clock import Embed, milliseconds
from bench.yardsticks import Yardsticks, mean_ranks, table
from niteru.engine import Vectors
from niteru.engine.embedding.embedder import Embedder
from niteru.engine.embedding.model_zoo import find_model, models
from niteru.engine.networks.model_folder import MODELS


@click.command()
@click.argument("faces", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", "names", multiple=True, help="A model at hand; all shipped ones by default.")
@click.option("--dlib", "with_dlib", is_flag=True, help="dlib as its own users run it, too.")
@click.option("--timed", type=int, default=200, show_default=True, help="Faces to time.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The same as JSON.")
def main(faces: Path, names: tuple[str, ...], with_dlib: bool, timed: int, out: Path | None) -> None:
    """Measure and time networks on FACES."""
    yardsticks = Yardsticks.load(faces)
    networks = dict(peers(list(map(find_model, names)) or shipped(), with_dlib))
    crops = np.asarray(yardsticks.lfw.crops[:: max(1, len(yardsticks.lfw.crops) // timed)][:timed])
    spent = milliseconds(networks, crops)
    found: dict[str, dict[str, float]] = {}
    for name, embed in networks.items():
        found[name] = {**yardsticks.measure(embed), "ms a face": spent[name]}
        click.echo(f"{name} is measured", err=True)
    ranks = mean_ranks(found)
    click.echo(table(found))
    click.echo("mean rank: " + ", ".join(f"{name} {rank:g}" for name, rank in ranks.items()))
    if out:
        out.write_text(json.dumps({"rows": found, "mean_rank": ranks}, indent=1) + "\n", encoding="utf-8")


def shipped() -> list[Path]:
    """Folders of the models that come with niteru, the default first."""
    return [folder for folder, _ in models() if folder.parent == MODELS]


def peers(folders: list[Path], with_dlib: bool = False) -> Iterable[tuple[str, Embed]]:
    """Names of networks, and how to get their vectors."""
    for folder in folders:
        embedder = Embedder(folder)
        yield embedder.info.name, embedder.embed
    if with_dlib:
        from niteru.engine.training.embedding.dlib_network import DlibNetwork

        network = DlibNetwork()
        yield "dlib", lambda crops: _unit(network.embed(crops))


def _unit(vectors: Vectors) -> Vectors:
    """Of length 1, and not centred: the mean of the very pictures that are compared is no peer's to know."""
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


if __name__ == "__main__":
    main()
