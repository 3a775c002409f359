"""Networks compared on the same crops, by the same yardsticks, in the same run.

``python -m bench.peers FACES [--model NAME…] [--dlib] [--timed 200] [--out peers.json]`` prints a table. FACES is laid
out as :mod:`bench.yardsticks` describes; models are those of ``niteru model list``, by default the shipped ones. Times
are medians of interleaved calls with one face on one thread. dlib takes 90 ms for a face, and ``--dlib`` half an hour.
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
@click.option("--model", "names", multiple=True, help="Name of an installed model; by default all shipped ones.")
@click.option("--dlib", "with_dlib", is_flag=True, help="Also measure dlib as its own users run it.")
@click.option("--timed", type=int, default=200, show_default=True, help="Number of faces to time.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for the same figures as JSON.")
def main(faces: Path, names: tuple[str, ...], with_dlib: bool, timed: int, out: Path | None) -> None:
    """Measure and time the networks on FACES."""
    yardsticks = Yardsticks.load(faces)
    networks = dict(peers(list(map(find_model, names)) or shipped(), with_dlib))
    crops = np.asarray(yardsticks.lfw.crops[:: max(1, len(yardsticks.lfw.crops) // timed)][:timed])
    spent = milliseconds(networks, crops)
    found: dict[str, dict[str, float]] = {}
    for name, embed in networks.items():
        found[name] = {**yardsticks.measure(embed), "ms a face": spent[name]}
        click.echo(f"measured {name}", err=True)
    ranks = mean_ranks(found)
    click.echo(table(found))
    click.echo("mean rank: " + ", ".join(f"{name} {rank:g}" for name, rank in ranks.items()))
    if out:
        out.write_text(json.dumps({"rows": found, "mean_rank": ranks}, indent=1) + "\n", encoding="utf-8")


def shipped() -> list[Path]:
    """Folders of the models that come with niteru, the default first."""
    return [folder for folder, _ in models() if folder.parent == MODELS]


def peers(folders: list[Path], with_dlib: bool = False) -> Iterable[tuple[str, Embed]]:
    """Yield the names of networks and the functions that embed with them."""
    for folder in folders:
        embedder = Embedder(folder)
        yield embedder.info.name, embedder.embed
    if with_dlib:
        from niteru.engine.training.embedding.dlib_network import DlibNetwork

        network = DlibNetwork()
        yield "dlib", lambda crops: _unit(network.embed(crops))


def _unit(vectors: Vectors) -> Vectors:
    """Scale vectors to length 1 without centring, since no peer may know the mean of the pictures compared."""
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


if __name__ == "__main__":
    main()
