"""The detector's training: what scenes show and say, what the loss counts, and a short run to a model folder."""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from click.testing import CliRunner

from support.drawn import write_image

keras = pytest.importorskip("keras")
import tensorflow as tf

from niteru.engine.faces.alignment import TEMPLATE, align
from niteru.engine.faces.detections import CHANNELS, STRIDES, decode
from niteru.engine.faces.detector import NetworkDetector
from niteru.engine.faces.landmarks_table import HEADER, TABLE, TableUnusable, read_table
from niteru.engine.photos.faces_folder import FacesMissing, LabelledPhoto
from niteru.engine.training.detector.export import trained_network
from niteru.engine.training.detector.labels import LabelledFace, from_landmarks, targets
from niteru.engine.training.detector.loss import DetectorLoss
from niteru.engine.training.detector.network import DepthToSpace, detector_network
from niteru.engine.training.detector.pictures import LabelledPicture, Pictures, load_pictures
from niteru.engine.training.detector.recipe import DetectorRecipe, DetectorStage
from niteru.engine.training.detector.scenes import SceneBatches
from niteru.engine.training.detector.trainer import DetectorTrainer
from niteru.engine.training.loop import RunChanged
from niteru.scripts.cli import niteru
from support.drawings import draw_folder, drawn

STAGES = (DetectorStage("scenes", 4, 1e-3, 0.25), DetectorStage("decoys", 2, 1e-3, 0.5, decoys=0.9))
RECIPE = DetectorRecipe(STAGES, batch=4, side=128, drawn_people=0, steps_per_checkpoint=2)


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    draw_folder(folder, people=4, photos=3)
    return folder


@pytest.fixture(scope="module")
def pictures(people: Path) -> Pictures:
    known = read_table(people / TABLE)
    labelled = [LabelledPicture(path, (from_landmarks(faces[0].landmarks),)) for path, faces in known.items()]
    return Pictures(labelled[:8], labelled[8:10], labelled[10:])


def say(truth: np.ndarray, side: int) -> list[np.ndarray]:
    """The grids of a network that says just what the targets ask for."""
    cells = np.concatenate([np.where(truth[:, :1] == 1, 9, -9), truth[:, 1:15]], axis=1).astype(np.float32)
    rows = [side // stride for stride in STRIDES]
    parts = np.split(cells, np.cumsum([n * n for n in rows])[:-1])
    return [part.reshape(n, n, CHANNELS) for part, n in zip(parts, rows, strict=True)]


def test_a_network_that_says_the_targets_finds_the_faces(pictures) -> None:
    scenes, sure = SceneBatches(pictures, RECIPE), 0
    for number in range(40):
        scene = scenes.scene(STAGES[0], np.random.default_rng(number))
        assert scene.pixels.shape == (128, 128, 3)
        found = decode(say(targets(scene.faces, 128), 128), 0.5)
        for face in scene.faces:
            if face.sure:
                sure += 1
                assert min(np.abs(landmarks - face.landmarks).max() for landmarks in found.landmarks) < 0.01
    assert sure > 20


def test_scenes_show_faces_where_they_say(pictures) -> None:
    """Cut out by the landmarks a scene gives, a face looks like itself cut out of its picture."""
    scenes, alike = SceneBatches(pictures, DetectorRecipe(side=256)), []
    originals = [align(picture.pixels(), picture.faces[0].landmarks) for picture in pictures.photos]
    for number in range(60):
        scene = scenes.scene(STAGES[0], np.random.default_rng([1, number]))
        for face in scene.faces:
            if face.sure and face.size > 60:
                crop = align(scene.pixels, face.landmarks)
                both = [original for one in originals for original in (one, one[:, ::-1])]
                alike.append(max(np.corrcoef(crop.ravel(), other.ravel())[0, 1] for other in both))
    assert len(alike) > 10
    assert np.median(alike) > 0.7


def test_batches_repeat(pictures) -> None:
    first, labels = SceneBatches(pictures, RECIPE).batch(3)
    again, _ = SceneBatches(pictures, RECIPE).batch(3)
    other, _ = SceneBatches(pictures, RECIPE).batch(4)
    assert first.shape == (4, 128, 128, 3)
    assert labels.shape == (4, 16 * 16 + 8 * 8 + 4 * 4, 17)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_mirrored_face_keeps_left_and_right() -> None:
    mirrored = from_landmarks(TEMPLATE).moved(np.array([[-1.0, 0, 112], [0, 1, 0]]))
    assert mirrored.landmarks[0, 0] < mirrored.landmarks[1, 0]
    assert mirrored.landmarks[3, 0] < mirrored.landmarks[4, 0]
    assert abs(mirrored.roll) < 1


def cell(score: float, **off: float) -> np.ndarray:
    output = np.zeros((1, 1, CHANNELS), np.float32)
    output[..., 0] = score
    for name, value in off.items():
        output[..., {"x": 1, "wide": 3, "eye": 5}[name]] = value
    return output


def test_the_loss_by_hand() -> None:
    loss, truth = DetectorLoss(), np.zeros((1, 1, 17), np.float32)
    truth[..., [0, 15, 16]] = [1, 2, 2]
    # Right at p = 1/2: 0.25 · 0.5² · ln 2; wrong for the background: 0.75 · 0.5² · ln 2.
    assert float(loss(truth, cell(0))) == pytest.approx(0.25 * 0.25 * np.log(2), abs=1e-5)
    assert float(loss(np.zeros_like(truth), cell(0))) == pytest.approx(0.75 * 0.25 * np.log(2), abs=1e-5)
    # Nothing is learnt where nobody knows.
    unknown = truth.copy()
    unknown[..., 0] = -1
    assert float(loss(unknown, cell(5, eye=3))) == 0
    # A landmark off by 0.1 units of 2 face sizes: 5 · (0.2 - 0.01).
    base = float(loss(truth, cell(9)))
    assert float(loss(truth, cell(9, eye=0.1))) - base == pytest.approx(5 * 0.19, abs=1e-4)
    assert float(loss(truth, cell(9, x=0.1))) - base == pytest.approx(2 * 0.19, abs=1e-4)
    template = truth.copy()
    template[..., 16] = 0
    assert float(loss(template, cell(9, eye=0.1))) == pytest.approx(base, abs=1e-5)
    in_a_graph = tf.function(loss)  # as it is trained
    assert float(in_a_graph(template, cell(9, eye=0.1))) == pytest.approx(base, abs=1e-5)


def test_depth_to_space_by_hand() -> None:
    x = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 4)
    assert keras.ops.convert_to_numpy(DepthToSpace()(x))[0, ..., 0].tolist() == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_the_network_is_of_the_promised_size() -> None:
    assert 100_000 <= detector_network().count_params() <= 400_000


def test_faces_of_a_folder_are_told_apart_by_what_they_fill(people: Path, tmp_path: Path) -> None:
    from niteru.engine.photos.faces_folder import list_photos

    for number in range(2):
        drawing = drawn(number)
        write_image(tmp_path / "set" / "crops" / f"p{number}" / "a.png", align(drawing.image, drawing.landmarks))
    found = load_pictures(list_photos(people).photos, read_table(people / TABLE), tmp_path / "own", 1)
    assert len(found.photos) + len(found.crops) == 12
    assert len(found.drawn) == 4
    crops = load_pictures(
        list_photos(people).photos + list_photos(tmp_path / "set").photos, read_table(people / TABLE), tmp_path, 0
    )
    assert [picture.faces[0].precise for picture in crops.crops[-2:]] == [False, False]


@pytest.mark.usefixtures("without_graphs")
def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(pictures, tmp_path, monkeypatch) -> None:
    DetectorTrainer(tmp_path / "whole", RECIPE, pictures).run()
    train, left = DetectorTrainer._train, iter(range(5))

    def interrupted(self, *batch):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return train(self, *batch)

    monkeypatch.setattr(DetectorTrainer, "_train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        DetectorTrainer(tmp_path / "parts", RECIPE, pictures).run()
    monkeypatch.setattr(DetectorTrainer, "_train", train)
    DetectorTrainer(tmp_path / "parts", RECIPE, pictures).run()
    whole, parts = (trained_network(tmp_path / name).get_weights() for name in ("whole", "parts"))
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(whole, parts, strict=True))
    others = Pictures(pictures.photos[::-1], pictures.crops, pictures.drawn)
    for recipe, shown in ((DetectorRecipe(), pictures), (RECIPE, others)):
        with pytest.raises(RunChanged):
            DetectorTrainer(tmp_path / "parts", recipe, shown)


@pytest.mark.usefixtures("without_graphs")
def test_from_photos_to_a_model_folder(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITERU_CACHE", str(tmp_path / "cache"))
    words = ["train-detector", people, "--out", tmp_path / "mine", "--test", people, "--steps", 2, "--json"]
    done = CliRunner().invoke(niteru, list(map(str, words)), catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    folder = Path(json.loads(done.stdout)["model"])
    detector = NetworkDetector(folder)
    assert detector.name.startswith("mine:")
    assert detector.detect(np.zeros((64, 64, 3), np.uint8)) == []
    card = (folder / "CARD.md").read_text()
    assert "On 12 photos" in card


def test_a_table_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    row = "a.jpg,1,0,0,10,10,2,3,8,3,5,5,3,8,7,8"
    (tmp_path / TABLE).write_text("\ufeff" + ",".join(HEADER) + f"\n{row}\n", encoding="utf-8")
    assert len(read_table(tmp_path / TABLE)[tmp_path / "a.jpg"]) == 1
    (tmp_path / TABLE).write_text(f"{row}\n{row[:30]}\n", encoding="utf-8")
    with pytest.raises(TableUnusable, match="line 2"):
        read_table(tmp_path / TABLE)


def test_a_damaged_photo_is_left_out(people: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"junk")
    known = {bad.resolve(): read_table(people / TABLE)[next(iter(read_table(people / TABLE)))]}
    with pytest.raises(FacesMissing):
        load_pictures([LabelledPhoto(bad, "p/bad.jpg", "p")], known, tmp_path, 0)


def test_unsure_faces_teach_nothing() -> None:
    box = np.array([40, 40, 30, 40], np.float32)
    landmarks = (TEMPLATE * 0.35 + 40).astype(np.float32)
    labels = targets([LabelledFace(box, landmarks, sure=False)], 128)
    assert not (labels[:, 0] == 1).any()
    assert (labels[:, 0] == -1).any()
