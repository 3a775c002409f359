"""Videos: who is in them is found once a look, and only the person gets the name."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from niteru.engine.faces import video
from niteru.engine.faces.detector import load_detector
from niteru.engine.faces.extraction import DetectedFace, NoFace
from niteru.engine.faces.video import CorruptVideo, candidates, distinct
from niteru.engine.photos.decode import decode
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from support.drawings import drawn
from support.drawn import write_image
from support.group_photo import group_photo, is_around

RATE = 10


def portrait(who: int, photo: int) -> np.ndarray:
    image = drawn(who, photo).image
    return cv2.resize(image, (320, 320))


def film(file: Path, pictures: list[np.ndarray], seconds: float = 2.0) -> None:
    """Each picture for so long."""
    file.parent.mkdir(parents=True, exist_ok=True)
    out = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"mp4v"), RATE, (320, 320))
    for picture in pictures:
        for _ in range(int(seconds * RATE)):
            out.write(np.ascontiguousarray(picture[..., ::-1]))
    out.release()


def test_of_every_few_frames_the_sharpest_is_taken(tmp_path: Path) -> None:
    sharp = portrait(0, 0)
    film(tmp_path / "a.mp4", [cv2.GaussianBlur(sharp, (0, 0), 6), sharp, cv2.GaussianBlur(sharp, (0, 0), 6)], 0.5)
    found = candidates(tmp_path / "a.mp4", load_detector())
    assert [face.second for face in found] == [0.5]
    assert "blurred" not in found[0].quality


def test_of_several_faces_in_a_frame_the_main_one_comes_first(tmp_path: Path) -> None:
    picture, (_, whole) = group_photo((320, 320), (11, 0.9, -150, 20), (2, 0.6, 90, 60))
    film(tmp_path / "two.mp4", [picture], 0.5)
    first, other = candidates(tmp_path / "two.mp4", load_detector())
    assert first.second == other.second
    assert is_around(first.face.box, whole)
    assert other.face.box[2] > first.face.box[2]


def test_one_face_a_look_is_kept(drawn_crops: dict[str, list[np.ndarray]]) -> None:
    face = next(iter(candidates_like(drawn_crops)))
    turn = np.array([[1, 0], [0.999, 0.04], [0, 1]], np.float32)
    assert distinct([face, face, face], turn) == [0, 2]
    assert len(distinct([face] * 60, np.eye(60, dtype=np.float32))) == video.MOST_KEPT


def candidates_like(drawn_crops: dict[str, list[np.ndarray]]) -> list[DetectedFace]:
    from niteru.engine.faces.alignment import TEMPLATE
    from niteru.engine.faces.face import Face

    return [DetectedFace(Face((0, 0, 112, 112), TEMPLATE, 1.0), crops[0], (), 1.0) for crops in drawn_crops.values()]


def test_what_is_no_video_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing of the kind")
    with pytest.raises(CorruptVideo):
        candidates(tmp_path / "broken.mp4", load_detector())
    film(tmp_path / "grey.mp4", [np.full((320, 320, 3), 90, np.uint8)])
    with pytest.raises(NoFace):
        candidates(tmp_path / "grey.mp4", load_detector())


def test_a_video_is_enrolled_and_known_again(tmp_path: Path) -> None:
    faces, folder = tmp_path / "faces", tmp_path / "gallery"
    for who in ("ada", "bo"):
        write_image(faces / who / "photo.png", portrait(0, 0))
    film(faces / "ada" / "talk.mp4", [portrait(0, 3), portrait(0, 5)])
    assert update(folder, faces).added == ["ada/photo.png", "ada/talk.mp4", "bo/photo.png"]
    gallery = Gallery(folder)
    seconds = [row.second for row in gallery.catalog.queries.faces_of_photo("ada/talk.mp4")]
    gallery.close()
    assert len(seconds) in (1, 2)
    assert None not in seconds
    again = update(folder, faces)
    assert (again.added, again.changed, again.unchanged) == ([], [], 3)
    (faces / "ada" / "talk.mp4").rename(faces / "ada" / "speech.mp4")
    assert update(folder, faces).moved == ["ada/speech.mp4"]


def test_others_in_a_video_do_not_get_its_name(tmp_path: Path, real_faces: Path) -> None:
    def photos(who: str) -> list[Path]:
        return sorted((real_faces / "photos" / who).glob("*.jpg"))

    faces, folder = tmp_path / "faces", tmp_path / "gallery"
    ada, bo = sorted(path.name for path in (real_faces / "photos").iterdir() if path.is_dir())[:2]
    for who in (ada, bo):
        for photo in photos(who)[:4]:
            write_image(faces / who / f"{photo.stem}.png", framed(photo))
    scenes = [photos(ada)[5], photos(bo)[6], photos(ada)[7], photos(bo)[8]]
    film(faces / ada / "talk.mp4", [framed(photo) for photo in scenes])
    update(folder, faces)
    gallery = Gallery(folder)
    people = {row.second // 2: row.person for row in gallery.catalog.queries.faces_of_photo(f"{ada}/talk.mp4")}
    gallery.close()
    assert people == {0: ada, 1: "unnamed 1", 2: ada, 3: "unnamed 1"}


def framed(photo: Path) -> np.ndarray:
    """A photo in the middle of a frame of 320 × 320."""
    picture = decode(photo)
    scale = 320 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.zeros((320, 320, 3), np.uint8)
    frame[: small.shape[0], : small.shape[1]] = small[:320, :320]
    return frame
