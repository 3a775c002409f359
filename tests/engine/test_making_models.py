"""A new model from people, strangers and a teacher: from photos to a folder with its card."""

import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
import pytest

pytest.importorskip("keras")
from niteru.engine.embedding.embedder import Embedder, ModelInfo
from niteru.engine.embedding.reference import reference_crops
from niteru.engine.networks.model_folder import ModelUnusable, read_info
from niteru.engine.training.embedding.recipe import FROM_SCRATCH, EmbeddingStage
from niteru.engine.training.embedding.run import Sources, train
from niteru.engine.training.embedding.teacher import TeacherUnusable
from support.command import niteru
from support.drawn import write_image

TAUGHT = {"supcon": 1.0, "cosface": 0.5, "relations": 10.0}
RECIPE = replace(
    FROM_SCRATCH, stages=(EmbeddingStage("metric", 3, 0.02, TAUGHT),), people=6, photos=2, steps_per_checkpoint=2
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Sources:
    """The drawn people in three lights as 24; mirrored ones as strangers, half of them in an archive; two groups."""
    root = tmp_path_factory.mktemp("sources")
    crops, people = reference_crops()
    for light in (1.0, 0.7, 0.4):
        for i, (crop, person) in enumerate(zip(crops, people, strict=True)):
            write_image(root / "faces" / f"p{person} {light}" / f"{i}.png", (crop * light).astype(np.uint8))
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        for i, crop in enumerate(crops[::4]):
            archive.writestr(f"aaf/{i}.png", cv2.imencode(".png", crop[:, ::-1])[1].tobytes())
        archive.writestr("aaf/broken.png", b"no picture")
    (root / "more").mkdir()
    (root / "more.zip").rename(root / "more" / "more.zip")
    for name in ("men", "babies"):
        for i, crop in enumerate(crops):
            write_image(root / "groups" / name / f"{i}.png", crop[::-1])
    told = niteru(
        *("teach", root / "faces", "--strangers", root / "more", "--model", "niteru-free", "--crops"),
        *("--out", root / "teacher", "--json"),
    )
    assert told.returncode == 0, told.stderr
    receipt = json.loads(told.stdout)
    assert receipt["files"] == [{"file": str(root / "teacher" / "niteru-free.npz"), "faces": 104, "new": 104}]
    assert receipt["skipped"] == 1
    return Sources(root / "faces", root / "more", root / "faces", root / "groups", root / "teacher", crops=True)


@pytest.mark.usefixtures("without_graphs")
def test_the_card_names_what_it_learnt_from_and_whom_it_serves_badly(sources: Sources, tmp_path: Path) -> None:
    folder = train(sources, tmp_path / "mine", RECIPE)
    info = read_info(folder, ModelInfo)
    assert info.training_data[0].startswith("taught by the vectors of niteru-free:")
    assert any("8 photos of aaf" in line for line in info.training_data)
    assert info.calibration
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert "relations" in card
    assert "Groups whose members it confuses" in card
    assert "| men | 496 |" in card
    assert Embedder(folder).embed(reference_crops()[0]).shape == (32, 128)


def test_a_start_that_is_no_mobilefacenet_and_a_teacher_of_other_faces_are_refused(sources: Sources, tmp_path) -> None:
    told = niteru("train", sources.faces, "--from", "niteru-free", "--crops", "--out", tmp_path / "x")
    assert told.returncode == 1
    assert "not a MobileFaceNet" in told.stderr
    dark = tmp_path / "dark"
    for i in range(48):
        write_image(dark / f"p{i // 2}" / f"{i}.png", np.full((112, 112, 3), 4 * i, np.uint8))
    with pytest.raises(TeacherUnusable, match=r"niteru-free\.npz has vectors of 0% of these faces"):
        train(replace(sources, faces=dark, strangers=None), tmp_path / "y", RECIPE)
    with pytest.raises(ModelUnusable):
        train(replace(sources, start=tmp_path), tmp_path / "z", RECIPE)
