"""The detector: faces where they are, none where there are none, in any picture people have."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from niteru.engine.drawn import Drawing
from niteru.engine.faces.alignment import TEMPLATE
from niteru.engine.faces.detections import overlap
from niteru.engine.faces.detector import DEFAULT_DETECTOR, NetworkDetector, WholePicture, detector_name, load_detector
from niteru.engine.faces.extraction import NoFace, extract
from niteru.engine.faces.face import Face
from niteru.engine.faces.landmarks_table import read_table
from niteru.engine.networks.model_folder import MODELS, ModelUnusable
from niteru.engine.photos.decode import decode, read_picture
from niteru.engine.training.detector.measure import Agreement, Comparison
from support.drawings import drawn
from support.drawn import write_image
from support.patterns import faceless


@pytest.fixture(scope="module")
def detector() -> NetworkDetector:
    return NetworkDetector()


@pytest.fixture(scope="module")
def drawings() -> list[Drawing]:
    return [drawn(number, photo) for number in range(0, 40, 2) for photo in range(3)]


def error(found: np.ndarray, known: np.ndarray) -> float:
    """Mean distance of landmarks in eye distances."""
    apart = np.hypot(*(known[1] - known[0]))
    return float(np.linalg.norm(found - known, axis=1).mean() / apart)


def test_a_crop_is_its_own_face() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (112, 112, 3), dtype=np.uint8)
    (face,) = WholePicture().detect(pixels)
    assert face.box == (0, 0, 112, 112)
    assert np.allclose(face.landmarks, TEMPLATE)
    assert np.array_equal(WholePicture().crop(pixels, face), pixels)


def test_the_finder_names_itself_without_being_loaded(detector) -> None:
    assert detector_name() == detector.name == load_detector().name
    assert load_detector(crops=True).name == detector_name(crops=True) == "crops"


def test_a_damaged_finder_is_refused(tmp_path: Path) -> None:
    shutil.copytree(MODELS / DEFAULT_DETECTOR, tmp_path / "model")
    weights = tmp_path / "model" / "model.tflite"
    weights.write_bytes(weights.read_bytes()[:-100] + bytes(100))
    with pytest.raises(ModelUnusable, match="is not the file"):
        NetworkDetector(tmp_path / "model")


def test_the_finder_is_small_and_says_where_it_comes_from() -> None:
    folder = MODELS / DEFAULT_DETECTOR
    info = json.loads((folder / "model.json").read_text())
    assert "research" in info["licence"]
    assert any("celeba" in line for line in info["training_data"])
    assert (folder / "model.tflite").stat().st_size <= 1_500_000
    assert "## Training data and terms" in (folder / "CARD.md").read_text()


def test_drawn_faces_are_found_where_they_were_drawn(detector, drawings) -> None:
    missed, errors = [], []
    for number, drawing in enumerate(drawings):
        faces = detector.detect(drawing.image)
        if not faces or error(faces[0].landmarks, drawing.landmarks) > 0.5:
            missed.append(number)
        else:
            errors.append(error(faces[0].landmarks, drawing.landmarks))
    assert len(missed) <= len(drawings) // 100, missed
    assert np.mean(errors) < 0.08


def test_patterns_have_no_faces(detector) -> None:
    found = [number for number in range(500) for _ in detector.detect(faceless(number))]
    assert len(found) <= 5, found


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_photo_lying_on_its_side_is_searched_turned(detector, drawings, turn: int) -> None:
    errors = []
    for drawing in drawings[:6]:
        height, width = drawing.image.shape[:2]
        known = drawing.landmarks
        for _ in range(turn):
            known = np.stack([known[:, 1], width - known[:, 0]], axis=1)
            height, width = width, height
        (face, *_) = detector.detect(np.ascontiguousarray(np.rot90(drawing.image, turn)))
        errors.append(error(face.landmarks, known))
        crop = detector.crop(np.ascontiguousarray(np.rot90(drawing.image, turn)), face)
        upright = detector.crop(drawing.image, Face((0, 0, 1, 1), drawing.landmarks, 1))
        assert np.corrcoef(crop.ravel(), upright.ravel())[0, 1] > 0.7
    assert np.mean(errors) < 0.1


@pytest.mark.parametrize("degrees", [-45, -30, 30, 45])
def test_tilted_heads_are_found(detector, drawings, degrees: int) -> None:
    for drawing in drawings[:8]:
        height, width = drawing.image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.7)
        image = cv2.warpAffine(drawing.image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        (face, *_) = detector.detect(image)
        assert error(face.landmarks, drawing.landmarks @ matrix[:, :2].T + matrix[:, 2]) < 0.15


def test_mirrored_faces_have_mirrored_landmarks(detector, drawings) -> None:
    for drawing in drawings[:6]:
        (face, *_) = detector.detect(np.ascontiguousarray(drawing.image[:, ::-1]))
        mirrored = drawing.landmarks * [-1, 1] + [drawing.image.shape[1] - 1, 0]
        assert error(face.landmarks, mirrored[[1, 0, 2, 4, 3]]) < 0.15


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["grey", "16-bit", "cmyk", "alpha", "palette"])
def test_all_kinds_of_pictures(detector, drawings, kind: str) -> None:
    colour = Image.fromarray(drawings[0].image)
    grey = np.asarray(colour.convert("L"))
    data = {
        "grey": lambda: encoded(colour.convert("L"), "JPEG"),
        "16-bit": lambda: encoded(Image.fromarray(grey.astype(np.uint16) * 257), "PNG"),
        "cmyk": lambda: encoded(colour.convert("CMYK"), "JPEG"),
        "alpha": lambda: encoded(colour.convert("RGBA"), "PNG"),
        "palette": lambda: encoded(colour.convert("P"), "PNG"),
    }[kind]()
    found = extract(read_picture(data), detector)
    assert error(found[0].face.landmarks, drawings[0].landmarks) < 0.15


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation(detector, drawings, orientation: int) -> None:
    stored = Image.fromarray(drawings[1].image)
    # What has to be done to the stored picture is undone here first.
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    if orientation in undo:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    (found, *_) = extract(read_picture(encoded(stored, "JPEG", exif=exif, quality=95)), detector)
    assert error(found.face.landmarks, drawings[1].landmarks) < 0.15


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_turned_tiff_is_turned_once(drawings, orientation: int) -> None:
    stored = Image.fromarray(drawings[1].image)
    turned = stored.transpose(Image.Transpose({3: 3, 6: 2}[orientation]))
    data = encoded(turned, "TIFF", tiffinfo={274: orientation})
    assert np.array_equal(decode(data), drawings[1].image)


def test_a_face_lying_down_beats_a_knee_that_looks_like_one(detector, real_faces: Path) -> None:
    wrong = 0
    paths = sorted((real_faces / "photos").rglob("*.jpg"))[::24]
    for path in paths:
        image = decode(path)
        upright = detector.detect(image)
        lying = detector.detect(np.ascontiguousarray(np.rot90(image)))
        if upright:
            known = np.stack([upright[0].landmarks[:, 1], image.shape[1] - upright[0].landmarks[:, 0]], axis=1)
            wrong += not lying or error(lying[0].landmarks, known) > 0.5
    assert wrong <= len(paths) * 0.06


def test_a_picture_that_is_the_face_is_found_with_room_around_it(detector, drawings) -> None:
    found = 0
    for drawing in drawings[:20]:
        x, y, width, height = (max(0, value) for value in drawing.box)
        found += bool(detector.detect(np.ascontiguousarray(drawing.image[y : y + height, x : x + width])))
    assert found >= 19


def test_a_thumbnail_of_sixty_pixels(detector, drawings) -> None:
    x, y, width, height = drawings[2].box
    side = round(max(width, height) * 1.3)
    top, left = max(0, y - (side - height) // 2), max(0, x - (side - width) // 2)
    small = cv2.resize(drawings[2].image[top : top + side, left : left + side], (60, 60), interpolation=cv2.INTER_AREA)
    assert len(detector.detect(small)) == 1


def test_many_faces_the_largest_first(detector, drawings) -> None:
    wall = np.full((640, 900, 3), 120, np.uint8)
    for number, side in enumerate((300, 200, 140, 90)):
        picture = cv2.resize(drawings[number * 3].image, (side, side), interpolation=cv2.INTER_AREA)
        left = (0, 310, 520, 670)[number]
        wall[100 : 100 + side, left : left + side] = picture
    faces = detector.detect(wall)
    assert len(faces) == 4
    assert [face.box[2] * face.box[3] for face in faces] == sorted((f.box[2] * f.box[3] for f in faces), reverse=True)
    assert [face.box[0] // 200 for face in faces[:2]] == [0, 1]


def test_faces_far_off_in_a_large_photo(detector, drawings) -> None:
    hall = np.full((2400, 3200, 3), 90, np.uint8)
    small = cv2.resize(drawings[0].image, (220, 220), interpolation=cv2.INTER_AREA)
    for x in (200, 1500, 2700):
        hall[1000:1220, x : x + 220] = small
    assert len(detector.detect(hall)) == 3


@pytest.mark.parametrize("shape", [(16, 700), (700, 16), (16, 16), (33, 31), (1300, 40), (97, 411)])
def test_pictures_of_any_shape(detector, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(shape).integers(0, 255, (*shape, 3), dtype=np.uint8)
    assert detector.detect(noise) == []


def test_no_face_is_a_reason(detector) -> None:
    with pytest.raises(NoFace):
        extract(read_picture(encoded(Image.new("RGB", (64, 64)), "PNG")), detector)


_PEAK = """
import sys
from pathlib import Path
from niteru.engine.faces.extraction import extract
from niteru.engine.faces.detector import load_detector
from niteru.engine.photos.decode import read_picture
detector = load_detector()
extract(read_picture(Path(sys.argv[1])), detector)
before = int(open("/proc/self/statm").read().split()[1]) * 4096
Path("/proc/self/clear_refs").write_text("5")
extract(read_picture(Path(sys.argv[2])), detector)
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print((peak - before) / 2**20)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_photo_takes_bounded_memory(drawings, tmp_path: Path, kind: str) -> None:
    write_image(tmp_path / "small.png", drawings[0].image)
    large = Image.fromarray(drawings[0].image).resize((6000, 4000), Image.Resampling.NEAREST)
    mode, options = ("RGB", {}) if kind == "JPEG" else ("RGBA", {"compress_level": 1})
    large.convert(mode).save(tmp_path / f"large.{kind.lower()}", kind, **options)
    command = [sys.executable, "-c", _PEAK, str(tmp_path / "small.png"), str(tmp_path / f"large.{kind.lower()}")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 300


def test_real_photos_against_the_teacher(detector, real_faces: Path) -> None:
    """Every eighth photo; the whole folder and the figures are in bench/detector.py."""
    known, agreement = read_table(real_faces / "landmarks.csv"), Agreement()
    for path in sorted((real_faces / "photos").rglob("*.jpg"))[::8]:
        agreement.add(Comparison(path.name, detector.detect(decode(path)), known.get(path.resolve(), [])))
    figures = agreement.figures()
    assert figures["recall"] >= 0.98
    assert figures["landmark_error_frontal"] <= 0.05
    assert figures["landmark_error"] <= 0.08
    assert figures["boxes_the_reference_lacks"] <= 0.02 * figures["photos"]


def test_agreement_counts_by_hand() -> None:
    def at(x: int, score: float = 0.99, size: int = 40) -> Face:
        return Face((x, 0, size, size), TEMPLATE * np.float32(size / 112) + np.float32([x, 0]), score)

    agreement = Agreement()
    known = [at(0), at(100), at(200, score=0.9), at(300, size=20)]
    agreement.add(Comparison("a.jpg", [at(1), at(500)], known))
    figures = agreement.figures()
    assert (figures["reference_faces"], figures["recall"], figures["boxes_the_reference_lacks"]) == (2, 0.5, 1)
    eyes = float(np.hypot(*(at(0).landmarks[1] - at(0).landmarks[0])))
    assert figures["landmark_error"] == pytest.approx(1 / eyes, abs=1e-3)
    assert overlap(np.float32([0, 0, 40, 40]), np.float32([[1, 0, 40, 40]]))[0] > 0.4
