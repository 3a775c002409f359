"""Networks trained elsewhere: taken in, tried out, calibrated, used for an index and a question; or refused and why."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from niteru.engine.embedding import model_zoo
from niteru.engine.embedding.embedder import DEFAULT_MODEL, Embedder, ModelInfo
from niteru.engine.embedding.reference import PEOPLE, draw_mosaic, reference_crops
from niteru.engine.evaluation.crop_set import CropSet
from niteru.engine.faces.alignment import CROP_SIZE
from niteru.engine.intake import model_check
from niteru.engine.intake.model_intake import Foreign, add
from niteru.engine.networks.model_folder import MODELS, ModelUnusable, read_info, write_info
from niteru.indexer.ask.persons import everybody
from niteru.indexer.catalog.connection import CatalogError
from niteru.indexer.gallery import Gallery, chosen_model
from niteru.indexer.storage.local.generation_store import LocalGenerationStore
from niteru.indexer.update.enrol import update
from niteru.indexer.update.remodel import use_model
from support.command import niteru

SIDE, CELLS, LENGTH = 32, 8, 48
FREE = "niteru-free"
TERMS = {"licence": "MIT", "training_data": "nothing: it averages colours"}


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("NITERU_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture(scope="module")
def known() -> CropSet:
    """Drawn people, enough to calibrate on: each of the eight as two, told apart by their light."""
    crops, people = reference_crops()
    darker = (crops * 0.6).astype(np.uint8)
    names = [f"p{i}" for i in people] + [f"q{i}" for i in people]
    return CropSet(np.concatenate([crops, darker]), [f"{n}/{i}.jpg" for i, n in enumerate(names)], names, [])


def projection() -> np.ndarray:
    """From the colours of 8×8 cells to a vector: a poor embedding, but one."""
    return np.random.default_rng(1).normal(size=(CELLS * CELLS * 3, LENGTH)).astype(np.float32)


def keras_network(file: Path) -> Path:
    keras = pytest.importorskip("keras")
    picture = keras.Input((SIDE, SIDE, 3))
    cells = keras.layers.Flatten()(keras.layers.AveragePooling2D(SIDE // CELLS)(picture))
    network = keras.Model(picture, keras.layers.Dense(LENGTH, use_bias=False)(cells))
    network.layers[-1].set_weights([projection()])
    network.save(file) if file.suffix == ".keras" else network.export(str(file), format="litert", verbose=False)
    return file


def onnx_network(file: Path, shape: tuple = ("n", 3, SIDE, SIDE), constant: float = 0.0) -> Path:
    """Planes first and with a batch of any size, as PyTorch writes them; other shapes are averaged over their cells."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    usual = shape == ("n", 3, SIDE, SIDE)
    weights = (projection() if usual else np.ones((shape[1], LENGTH), np.float32)) * (constant == 0.0)
    pool = helper.make_node("AveragePool", ["face"], ["cells"], kernel_shape=[4, 4], strides=[4, 4])
    bias = np.full(LENGTH, constant, np.float32)
    graph = helper.make_graph(
        [
            pool if usual else helper.make_node("GlobalAveragePool", ["face"], ["cells"]),
            helper.make_node("Flatten", ["cells"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weights", "bias"], ["vector"]),
        ],
        "colours",
        [helper.make_tensor_value_info("face", floats, shape)],
        [helper.make_tensor_value_info("vector", floats, ["n", LENGTH])],
        [
            helper.make_tensor("weights", floats, weights.shape, weights.ravel()),
            helper.make_tensor("bias", floats, bias.shape, bias),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, file)
    return file


def torch_network(file: Path) -> Path:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    layers = torch.nn.AvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(CELLS * CELLS * 3, LENGTH, bias=False)
    network = torch.nn.Sequential(*layers)
    network[2].weight.data = torch.from_numpy(projection().T.copy())
    axes = {"face": {0: "n"}, "vector": {0: "n"}}
    names = {"input_names": ["face"], "output_names": ["vector"], "dynamic_axes": axes, "dynamo": False}
    torch.onnx.export(network.eval(), torch.zeros(1, 3, SIDE, SIDE), str(file), **names)
    return file


NETWORKS = {
    "colours.tflite": keras_network,
    "colours.keras": keras_network,
    "colours.onnx": onnx_network,
    "torch.onnx": torch_network,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_foreign_network_makes_an_index_and_answers(name: str, tmp_path, known, gallery) -> None:
    file = NETWORKS[name](tmp_path / name)
    folder = add(file, Foreign("colours", **TERMS), known)
    info = read_info(folder, ModelInfo)
    assert (info.side, info.dimension, info.licence) == (SIDE, LENGTH, "MIT")
    assert info.calibration["0.1"] < info.calibration["0.01"]
    assert info.genuine["0.1"] < info.genuine["0.5"]
    assert "MIT" in (folder / "CARD.md").read_text()

    done = use_model(gallery.folder, folder)
    assert (done.faces, done.lost) == (18, 0)
    assert LocalGenerationStore(gallery.folder).load().model == info.id
    assert chosen_model(gallery.folder) == folder
    answered = json.loads(niteru("similar", "face:1", "--gallery", gallery.folder, "--json").stdout)
    assert answered["gallery"]["model"] == info.id
    assert len({row["person"] for row in answered["results"]}) >= 4


def test_the_runtimes_agree(tmp_path, known) -> None:
    """One network through Keras and LiteRT, and through ONNX Runtime: other layouts, the same vectors."""
    about = {"colour": "rgb", "values": "-1..1", **TERMS}
    first = add(keras_network(tmp_path / "a.tflite"), Foreign("a", **about), known)
    weights = projection().reshape(CELLS, CELLS, 3, LENGTH).transpose(2, 0, 1, 3).reshape(-1, LENGTH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "projection", lambda: np.ascontiguousarray(weights))
        second = add(onnx_network(tmp_path / "b.onnx"), Foreign("b", **about), known)
    crops, _ = reference_crops()
    assert np.allclose(Embedder(first).embed(crops), Embedder(second).embed(crops), atol=1e-4)


def test_the_reading_that_serves_best_is_found(tmp_path, known) -> None:
    """A network that wants 0 to 1 and sees everything beyond as white."""
    keras = pytest.importorskip("keras")
    picture = keras.Input((SIDE, SIDE, 3))
    seen = keras.layers.ReLU(max_value=1.0)(picture)
    rows = keras.layers.Flatten()(keras.layers.AveragePooling2D((SIDE // CELLS, SIDE))(seen))
    network = keras.Model(picture, keras.layers.Dense(LENGTH, use_bias=False)(rows))
    network.layers[-1].set_weights([projection()[: CELLS * 3]])
    network.export(str(tmp_path / "unit.tflite"), format="litert", verbose=False)
    folder = add(tmp_path / "unit.tflite", Foreign("unit", **TERMS), known)
    assert read_info(folder, ModelInfo).values == [0.0, 1.0]


@pytest.mark.parametrize(
    ("shape", "claims", "why"),
    [
        (("n", 1, SIDE, SIDE), {}, "takes"),
        (("n", 3, SIDE, 2 * SIDE), {}, "square"),
        (("n", 3, "h", "w"), {}, "--side"),
        (("n", 3, SIDE, SIDE), {"side": 112}, "not of 112×112"),
        (("n", 3, 8, 8), {}, "16 to 512"),
        (("n", 3, SIDE, SIDE), {"window": 200}, "window"),
        (("n", 3, SIDE, SIDE), {"name": DEFAULT_MODEL}, "already"),
        (("n", 3, SIDE, SIDE), {"name": "../x"}, "cannot name"),
    ],
)
def test_a_network_that_cannot_be_what_it_says_is_refused(shape, claims, why, tmp_path, known, own_models) -> None:
    file = onnx_network(tmp_path / "x.onnx", shape)
    with pytest.raises(ModelUnusable, match=why):
        add(file, Foreign(**{"name": "x", **TERMS, **claims}), known)
    assert not own_models.exists() or not any(own_models.iterdir())


def test_a_network_blind_to_faces_is_refused(tmp_path, known) -> None:
    with pytest.raises(ModelUnusable, match="same vector"):
        add(onnx_network(tmp_path / "x.onnx", constant=1.0), Foreign("x", **TERMS), known)


@pytest.mark.parametrize("name", ["broken.onnx", "broken.tflite", "broken.keras", "weights.bin"])
def test_a_file_that_is_no_network_is_refused(name: str, tmp_path, known) -> None:
    if name.endswith(".onnx"):
        pytest.importorskip("onnxruntime")
    file = tmp_path / name
    file.write_bytes(b"not a network" * 100)
    with pytest.raises(ModelUnusable, match=name.split(".")[0]):
        add(file, Foreign("x", **TERMS), known)


def test_too_few_people_calibrate_nothing(tmp_path, known) -> None:
    few = known.only(np.array([person < "p4" for person in known.people]))
    with pytest.raises(ModelUnusable, match="at least 10"):
        add(tmp_path / "x.onnx", Foreign("x", **TERMS), few)
    two_each = known.only(np.array([row % 4 < 2 for row in range(len(known.people))]))
    with pytest.raises(ModelUnusable, match="at least 1000"):
        add(tmp_path / "x.onnx", Foreign("x", **TERMS), two_each)


class Fake:
    """An embedder that answers as it is told."""

    def __init__(self, answer) -> None:
        self.info, self.embed = read_info(MODELS / DEFAULT_MODEL, ModelInfo), answer


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def by_place(crops: np.ndarray) -> np.ndarray:
    """Something that follows the picture's left side, not the face."""
    halves = crops.astype(np.float32)[:, ::8, :56:8].reshape(len(crops), -1)
    return unit(np.sign(halves - np.median(halves, axis=1, keepdims=True)) * (np.arange(halves.shape[1]) + 1))


def test_every_self_test_can_fail() -> None:
    rng, ours = np.random.default_rng(0), Embedder()
    model_check.check(ours)
    nothing = Fake(lambda crops: np.full((len(crops), 8), np.nan, np.float32))
    with pytest.raises(ModelUnusable, match="not finite"):
        model_check.check(nothing)
    with pytest.raises(ModelUnusable, match="every call"):
        model_check.check(Fake(lambda crops: unit(rng.normal(size=(len(crops), 8)))))
    fixed = unit(rng.normal(size=(PEOPLE * 4, 64)))
    with pytest.raises(ModelUnusable, match="apart"):
        model_check.check(Fake(lambda crops: fixed))
    lit = Fake(lambda crops: unit(np.where((crops.mean() > reference_crops()[0].mean() + 4), -fixed, fixed)))
    with pytest.raises(ModelUnusable, match="brighter"):
        model_check.check(lit)


def test_the_reference_crops_are_the_drawn_people() -> None:
    crops, people = reference_crops()
    assert crops.shape == (32, CROP_SIZE, CROP_SIZE, 3)
    assert people.tolist() == sorted(people.tolist())
    drawn = draw_mosaic()[:CROP_SIZE, :CROP_SIZE].astype(int)
    assert np.abs(crops[0].astype(int) - drawn).mean() < 4


def test_models_are_listed_and_found_by_name_id_and_path(tmp_path) -> None:
    known = list(model_zoo.models())
    assert [info.name for _, info in known] == [DEFAULT_MODEL, FREE]
    folder, info = known[0]
    assert model_zoo.find_model(DEFAULT_MODEL) == model_zoo.find_model(info.id) == model_zoo.find_model(str(folder))
    with pytest.raises(ModelUnusable, match=DEFAULT_MODEL):
        model_zoo.find_model("nobody")


def test_licences_can_be_required(tmp_path, gallery) -> None:
    refused = niteru("model", "use", DEFAULT_MODEL, "--gallery", gallery.folder, "--require-licence", "MIT")
    assert refused.returncode == 1
    assert "research" in refused.stderr
    listed = json.loads(niteru("model", "list", "--gallery", gallery.folder, "--json").stdout)
    assert [(model["name"], model["used"]) for model in listed["models"]] == [
        (DEFAULT_MODEL, True),
        (FREE, False),
    ]


def test_the_free_model_indexes_and_answers(gallery) -> None:
    """Under terms that allow everything, as the one that may be used for anything."""
    used = niteru("model", "use", FREE, "--gallery", gallery.folder, "--require-licence", "CC0-1.0", "--json")
    assert (used.returncode, json.loads(used.stdout)["faces"]) == (0, 18), used.stderr
    card = (MODELS / FREE / "CARD.md").read_text(encoding="utf-8")
    assert "CC0" in card
    assert "East Asian" in card  # whom it serves badly
    photos = gallery.folder.parent / "faces"
    summary = update(gallery.folder, photos, crops=True)
    assert summary.unchanged == 18
    photo = next(photos.rglob("*.png"))
    answered = json.loads(niteru("similar", photo, "--gallery", gallery.folder, "--json").stdout)
    assert answered["gallery"]["model"].startswith(f"{FREE}:")
    assert answered["results"]


def test_the_next_enrolment_uses_the_chosen_model(tmp_path, known, gallery) -> None:
    folder = add(onnx_network(tmp_path / "x.onnx"), Foreign("x", **TERMS), known)
    use_model(gallery.folder, folder)
    summary = update(gallery.folder, gallery.folder.parent / "faces", crops=True)
    assert (len(summary.added), len(summary.changed), summary.unchanged) == (0, 0, 18)
    back = use_model(gallery.folder, MODELS / DEFAULT_MODEL)
    assert back.faces == 18
    assert LocalGenerationStore(gallery.folder).load().model == read_info(MODELS / DEFAULT_MODEL, ModelInfo).id


def test_a_model_folder_anywhere_can_be_used(tmp_path, own_models, gallery) -> None:
    folder = Path(shutil.copytree(MODELS / DEFAULT_MODEL, tmp_path / "elsewhere"))
    write_info(folder, replace(read_info(folder, ModelInfo), name="elsewhere", window=100))
    use_model(gallery.folder, folder)
    answered = json.loads(niteru("similar", "face:1", "--gallery", gallery.folder, "--json").stdout)
    assert answered["gallery"]["model"].startswith("elsewhere:")
    photo = Path(gallery.crops.path(1))
    asked = niteru("similar", photo, "--gallery", gallery.folder, "--json")
    assert json.loads(asked.stdout)["gallery"]["model"].startswith("elsewhere:")
    shutil.rmtree(folder)  # a copy of it lies among the user's own models now
    assert niteru("similar", photo, "--gallery", gallery.folder).returncode == 0
    shutil.rmtree(own_models)
    gone = niteru("similar", photo, "--gallery", gallery.folder)
    assert gone.returncode == 1
    assert "elsewhere" in gone.stderr
    listed = niteru("model", "list", "--gallery", gallery.folder)
    assert listed.returncode == 0
    assert "missing" in listed.stderr


def test_the_old_generation_answers_until_the_new_one_is_there(tmp_path, known, gallery, monkeypatch) -> None:
    """Cut off between the new vectors and their publication."""
    folder = add(onnx_network(tmp_path / "x.onnx"), Foreign("x", **TERMS), known)

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("niteru.indexer.update.remodel.publish_faces", cut_off)
    with pytest.raises(KeyboardInterrupt):
        use_model(gallery.folder, folder)
    opened = Gallery(gallery.folder)
    assert opened.generation.model.startswith(DEFAULT_MODEL)
    assert opened.vector(1).shape == (128,)
    assert len(everybody(opened)) == 6
    opened.close()
    answered = json.loads(niteru("similar", "face:1", "--gallery", gallery.folder, "--json").stdout)
    assert all(row["faces"] for row in answered["results"])
    monkeypatch.undo()


def test_lost_crops_are_told_of_and_read_again(tmp_path, known, own_models, gallery) -> None:
    folder = add(onnx_network(tmp_path / "x.onnx"), Foreign("x", **TERMS), known)
    Path(gallery.crops.path(3)).unlink()
    Path(gallery.crops.path(4)).write_bytes(b"")
    done = use_model(gallery.folder, folder)
    assert (done.faces, done.lost) == (16, 2)
    summary = update(gallery.folder, gallery.folder.parent / "faces", crops=True)
    assert (len(summary.changed), summary.unchanged, summary.faces) == (2, 16, 18)
    shutil.rmtree(gallery.folder / "crops")
    with pytest.raises(CatalogError, match="crops are lost"):
        use_model(gallery.folder, MODELS / DEFAULT_MODEL)
    assert LocalGenerationStore(gallery.folder).load().model.startswith("x:")


def test_a_model_is_chosen_before_there_are_photos(tmp_path, known, own_models) -> None:
    folder = add(onnx_network(tmp_path / "x.onnx"), Foreign("x", **TERMS), known)
    assert use_model(tmp_path / "new", folder).faces == 0
    opened = Gallery(tmp_path / "new")
    assert opened.model_folder() == own_models / "x"
    opened.close()
