"""The plan of a run: pure, so that every case is a line."""

from dataclasses import replace
from pathlib import Path

import pytest

from niteru.engine.faces.detector import WholePicture
from niteru.engine.photos.faces_folder import LabelledPhoto
from niteru.engine.photos.photo_stamp import PhotoStamp
from niteru.indexer.catalog.rows import PhotoFile, PhotoState
from niteru.indexer.update.moves import KnownPhoto
from niteru.indexer.update.plan import GalleryState, OtherPhotos, Plan, make_plan

STAMP = PhotoStamp(7, 1)
ADA, BOB = "Ada/1.jpg", "Bob/1.jpg"


def photo(ref: str) -> LabelledPhoto:
    return LabelledPhoto(Path(ref), ref, ref.split("/")[0])


def known(ref: str, **more: object) -> PhotoState:
    state = PhotoState(ref, ref.split("/")[0], f"sha of {ref}", *STAMP, "detector", None, False, "model")
    return replace(state, **more)


def planned(
    here: list[str],
    there: list[PhotoState],
    stamps: dict[str, PhotoStamp | None] | None = None,
    elsewhere: dict[str, str] | None = None,
    *,
    all_there: bool = True,
    **state: object,
) -> Plan:
    gallery = GalleryState("g", {one.ref: one for one in there}, "detector", "model")
    moved = {
        ref: KnownPhoto(PhotoFile(ref, ref.split("/")[0], "sha", *STAMP, "detector", None), source)
        for ref, source in (elsewhere or {}).items()
    }
    stamps = {one.ref: STAMP for one in there} | (stamps or {})
    return make_plan(replace(gallery, **state), [photo(ref) for ref in here], stamps, moved, all_there=all_there)


def test_nothing_to_do() -> None:
    assert planned([ADA], [known(ADA)]) == Plan(unchanged=[ADA])


def test_a_new_photo_is_read() -> None:
    plan = planned([ADA, BOB], [known(ADA)])
    assert (plan.added, plan.unchanged) == ([BOB], [ADA])
    assert [(task.photo.ref, task.sha256) for task in plan.tasks] == [(BOB, None)]


@pytest.mark.parametrize(
    ("now", "before", "whole"),
    [
        (PhotoStamp(8, 1), {}, True),  # its bytes may be the same: they decide
        (PhotoStamp(7, 2), {}, True),
        (None, {}, True),
        (STAMP, {"person": "Eve"}, False),
        (STAMP, {"detector": "older"}, False),
        (STAMP, {"model": "older"}, False),
        (STAMP, {"reason": "unreadable", "model": None}, True),
    ],
)
def test_what_differs_is_read_again(now: PhotoStamp | None, before: dict, whole: bool) -> None:
    plan = planned([ADA], [known(ADA, **before)], {ADA: now})
    assert plan.changed == [ADA]
    assert plan.tasks[0].sha256 == (f"sha of {ADA}" if whole else None)


def test_a_photo_with_a_lost_crop_is_read_again_though_its_bytes_are_the_same() -> None:
    plan = planned([ADA], [known(ADA)], outdated=frozenset({ADA}))
    assert (plan.changed, plan.tasks[0].sha256) == ([ADA], None)


def test_an_unusable_photo_is_not_read_again() -> None:
    assert planned([ADA], [known(ADA, reason="no-face", model=None)]).unchanged == [ADA]


def test_a_known_photo_under_a_new_name_is_moved_or_copied() -> None:
    assert planned([BOB], [known(ADA)], elsewhere={BOB: ADA}) == Plan(moved=[BOB])
    assert planned([ADA, BOB], [known(ADA)], elsewhere={BOB: ADA}) == Plan(unchanged=[ADA], copied=[BOB])


def test_of_two_copies_of_a_missing_photo_the_first_is_the_move() -> None:
    plan = planned([BOB, "Cy/1.jpg"], [known(ADA)], elsewhere={BOB: ADA, "Cy/1.jpg": ADA})
    assert (plan.moved, plan.copied, plan.removed) == ([BOB], ["Cy/1.jpg"], [])


def test_missing_photos_are_removed_but_not_those_added_by_hand() -> None:
    there = [known(ADA), known(BOB), known("Cy/1.jpg", added=True)]
    assert planned([ADA], there).removed == [BOB]
    assert planned([ADA], there, all_there=False).removed == []


def test_another_gallerys_photos_are_refused() -> None:
    with pytest.raises(OtherPhotos, match="none of the 1 photos of g"):
        planned([BOB], [known(ADA)])
    with pytest.raises(OtherPhotos, match="indexed with CROPS=1"):
        planned([ADA], [known(ADA, detector=WholePicture.name)])
    with pytest.raises(OtherPhotos, match="indexed without CROPS=1"):
        planned([ADA], [known(ADA)], detector=WholePicture.name)
