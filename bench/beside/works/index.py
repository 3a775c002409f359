"""The way from a folder of photos to a searchable index, from nothing and after ten photos were added."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.beside.alone import Failed, Spent, in_turns, medians, run
from bench.beside.context import LEAST_SEEN, SEEN, Bench, Rows, copy_photos, fresh
from bench.beside.environments import DEEPFACE, DEEPFACE_TENSORFLOW, FACE_RECOGNITION, NITERU, Environment
from niteru.engine import Vectors
from niteru.indexer.gallery import Gallery

Command = Callable[[], Spent]
Found = tuple[list[str], Vectors]
"""Refs of the photos in which a tool found a face, and a vector of each."""
MTCNN = "DeepFace, mtcnn"
BARE, COPIED = "*decode, detect, embed alone*", "*cp*"
"""Floors: the networks on all cores without anything around them, and a copy of the folder."""
TOOLS = ("niteru", "DeepFace, opencv", MTCNN, "face_recognition")


def measure(bench: Bench) -> Rows:
    """Let each tool index all photos but ten, and then all."""
    held = bench.held_back()
    kept = [photo for photo in bench.listed() if photo not in held]
    commands = {
        "niteru": _again(_niteru(bench)),
        "DeepFace, opencv": _again(_deepface(bench, DEEPFACE, "opencv")),
        "face_recognition": _again(_face_recognition(bench)),
        BARE: (_bare(bench, "photos"), _bare(bench, "held")),
        COPIED: (_copied(bench, "photos"), _copied(bench, "held")),
    }
    later: dict[str, list[Spent]] = {}

    def both(name: str, index: Command, index_again: Command) -> Callable[[int], Spent]:
        def turn(_: int) -> Spent:
            folder = fresh(bench.folder("index", name))
            copy_photos(kept, folder / "photos")
            whole = index()
            copy_photos(held, folder / "photos")
            copy_photos(held, folder / "held")
            later.setdefault(name, []).append(index_again())
            return whole

        return turn

    spent = in_turns(bench.turns, {name: both(name, *both_times) for name, both_times in commands.items()}, "indexing")
    # MTCNN takes minutes; one turn shows how it compares.
    once = {MTCNN: both(MTCNN, *_again(_deepface(bench, DEEPFACE_TENSORFLOW, "mtcnn")))}
    spent |= in_turns(1, once, "indexing, MTCNN")
    rows: Rows = {}
    for name in spent:
        whole = medians(spent[name])
        rows[name] = {
            "from_nothing": whole | {"photos_a_second": round(len(kept) / whole["wall_s"], 2)},
            "ten_added": medians(later[name]),
        }
    found = {name: read(bench, name) for name in TOOLS}
    for name, (refs, _) in found.items():
        rows[name]["faces"] = len(refs)
    seen = set.intersection(*(set(refs) for refs, _ in found.values()))
    if len(seen) < LEAST_SEEN:
        raise Failed(f"{bench.photos}: all tools find a face in only {len(seen)} photos; {LEAST_SEEN} are needed")
    (bench.work / SEEN).write_text(json.dumps(sorted(seen)))
    rows["all"] = {"photos": len(bench.listed())}
    return rows


def _again(index: Command) -> tuple[Command, Command]:
    """A tool that keeps what it did runs the same command once more."""
    return index, index


def _niteru(bench: Bench) -> Command:
    folder = bench.work / "index" / "niteru"
    command = NITERU.command("index", folder / "photos", "--gallery", folder / "gallery", "--json")
    return lambda: run(command, NITERU.variables())


def _deepface(bench: Bench, environment: Environment, detector: str) -> Command:
    photos = bench.work / "index" / f"DeepFace, {detector}" / "photos"
    asked = photos / bench.listed()[-1].ref
    command = environment.script("with_deepface", "index", photos, detector, asked)
    return lambda: run(command, environment.variables())


def _face_recognition(bench: Bench) -> Command:
    folder = bench.work / "index" / "face_recognition"
    command = FACE_RECOGNITION.script("with_face_recognition", "index", folder / "photos", folder / "known.pickle")
    return lambda: run(command, FACE_RECOGNITION.variables())


def _bare(bench: Bench, photos: str) -> Command:
    folder = bench.work / "index" / BARE
    return lambda: run(NITERU.script("bare", "index", folder / photos, folder / f"{photos}.faiss"), NITERU.variables())


def _copied(bench: Bench, photos: str) -> Command:
    folder = bench.work / "index" / COPIED
    return lambda: run(["cp", "-r", str(folder / photos), str(folder / f"{photos}-copy")], NITERU.variables())


def read(bench: Bench, tool: str) -> Found:
    """Read the vectors in a tool's index, that of the largest face of each photo."""
    folder = bench.work / "index" / tool
    if tool == "niteru":
        return _read_gallery(folder / "gallery")
    out = folder / "vectors.npz"
    if tool == "face_recognition":
        script = FACE_RECOGNITION.script("with_face_recognition", "vectors", folder / "known.pickle", out)
        run(script, FACE_RECOGNITION.variables())
    else:
        detector = tool.split(", ")[1]
        run(DEEPFACE.script("with_deepface", "vectors", folder / "photos", detector, out), DEEPFACE.variables())
    with np.load(out) as kept:
        refs, vectors, areas = kept["refs"], kept["vectors"].astype(np.float32), kept["areas"]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    below = [Path(ref).relative_to(folder / "photos").as_posix() for ref in refs.tolist()]
    return _largest(below, vectors, areas)


def _largest(refs: list[str], vectors: Vectors, areas: NDArray[np.float64]) -> Found:
    order = np.argsort(areas, kind="stable").tolist()  # the largest comes last and replaces the others
    first = {refs[row]: row for row in order}
    return list(first), vectors[list(first.values())]


def _read_gallery(folder: Path) -> Found:
    """Read all faces, not only the labelled ones, for the labels decided which face is whose."""
    with closing(Gallery(folder)) as gallery:
        rows = gallery.queries.faces(sorted(gallery.catalog.queries.face_ids()))
        kept = gallery.catalog.queries.vectors_of_faces(list(rows), gallery.generation.model)
        vectors = {one.face: one.vector for one in kept}
    found = [rows[face] for face in vectors]
    areas = np.array([face.box[2] * face.box[3] for face in found], np.float64)
    return _largest([face.photo for face in found], np.stack(list(vectors.values())), areas)
