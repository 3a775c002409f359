"""Crops of faces in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from niteru.engine.photos.decode import decode
from niteru.indexer.storage.crops import Crops, decoded, encoded


def test_a_crop_is_read_as_any_picture_is(drawn_crops: dict[str, list[np.ndarray]]) -> None:
    """To the last pixel: its blur, and with it how sure an answer is, must not hang on who reads it."""
    for crop in (one for crops in drawn_crops.values() for one in crops):
        data = encoded(crop)
        assert np.array_equal(decoded(data), decode(data))


def test_a_crop_that_is_no_picture_is_lost(tmp_path: Path) -> None:
    crops = Crops(tmp_path / "crops")
    assert crops.load(7) is None
    crops.save(7, np.full((112, 112, 3), 90, np.uint8))
    assert crops.kept() == {7}
    Path(crops.path(7)).write_bytes(b"")  # what a power cut can leave
    assert crops.load(7) is None
    crops.put(8, b"\xff\xd8 no picture")
    assert crops.load(8) is None


def test_a_folder_may_be_written_as_an_address(tmp_path: Path) -> None:
    Crops(tmp_path / "crops").save(7, np.full((112, 112, 3), 90, np.uint8))
    written = Crops(f"file://{tmp_path}/crops")
    assert written.load(7) is not None
    assert written.damaged([7, 8]) == [8]


@pytest.mark.parametrize("where", ["{folder}", "memory://{folder}"])
def test_crops_that_are_not_there_are_passed_over_when_some_are_removed(where: str, tmp_path: Path) -> None:
    crops = Crops(where.format(folder=tmp_path))
    for face in (1, 2):
        crops.put(face, b"a crop")
    crops.remove([1, 7])
    crops.remove([7])
    assert crops.sizes().keys() == {2}
