"""Side-by-side bench: what its figures mean, and that its page shows what was measured."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("psutil", reason="pip install 'niteru-faces[bench]'")

from bench.beside.__main__ import WORKS
from bench.beside.alone import Failed, in_turns, medians, run, size_of
from bench.beside.context import Bench, copy_photos
from bench.beside.environments import Environment, Missing
from bench.beside.page import results_of, write_page
from bench.beside.tables import short, table
from bench.beside.targets import behind, frontier, targets
from bench.beside.works.accuracy import end_to_end
from bench.installing import PEOPLE, PHOTOS, Way, draw_photos, measured
from bench.likeness import directions
from bench.regression import LAST_RELEASE
from niteru import __version__
from niteru.engine.photos.faces_folder import list_photos

DOCS = Path(__file__).parents[1] / "docs"
MEASURED = results_of(LAST_RELEASE) | results_of(__version__)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_process_is_measured_with_all_it_started() -> None:
    child = "import time; b = bytearray(80 << 20); [0 for _ in iter(lambda: time.process_time() < .5, False)]"
    code = (
        "import subprocess, sys, json\n"
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)\n"
        "print('what else it says'); print(json.dumps({'rows': 3}))"
    )
    spent = run(python(code), dict(os.environ))
    assert spent.output == {"rows": 3}
    assert spent.peak_mb > 80
    assert spent.core_s > 0.5
    assert spent.wall_s > 0.5


def test_a_tool_that_fails_says_why() -> None:
    with pytest.raises(Failed, match="no weights at hand"):
        run(python("raise SystemExit('no weights at hand')"), dict(os.environ))


def test_a_tool_that_hangs_is_ended() -> None:
    with pytest.raises(Failed):
        run(python("import time; time.sleep(60)"), dict(os.environ), limit_s=0.3)


def test_tools_take_turns_in_another_order_each_round() -> None:
    order: list[str] = []

    def work(name: str):
        def turn(_: int):
            order.append(name)
            return run(python("print(1)"), dict(os.environ))

        return turn

    spent = in_turns(4, {name: work(name) for name in "abc"}, "")
    rounds = [tuple(order[start : start + 3]) for start in range(0, 12, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert len(set(rounds)) > 1
    assert medians(spent["a"])["turns"] == 4


def test_the_frontier_keeps_what_nothing_beats() -> None:
    rows = {
        "FAISS Flat": {"points": [{"recall": 1.0, "ms": 2.0}]},
        "FAISS HNSW": {"points": [{"recall": 0.9, "ms": 0.2}, {"recall": 0.95, "ms": 3.0}]},
        "niteru flat": {"points": [{"recall": 1.0, "ms": 2.2}]},
        "niteru hnsw": {"points": [{"recall": 0.91, "ms": 0.3}]},
    }
    assert frontier(rows, lambda name: name.startswith("FAISS")) == [(0.9, 0.2), (1.0, 2.0)]
    assert behind(rows) == pytest.approx(1.5)
    del rows["niteru flat"]
    assert behind(rows) == float("inf")  # nothing of niteru's finds as much


def test_a_photo_without_a_face_is_a_miss() -> None:
    # Three photos of a and two of b; one of a's has no face, and one of b's looks like a.
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0.8, 0.6]], np.float32)
    labels = np.array(["a", "a", "b", "b"])
    figures = end_to_end(vectors, labels, ["a", "a", "a", "b", "b"])
    assert figures["recall_at_1"] == pytest.approx(3 / 5)
    assert figures["recall_at_1_of_found"] == pytest.approx(3 / 4)
    assert figures["tar_at_far_1e-3"] == pytest.approx(1 / 4)  # of three pairs of a's and one of b's


def test_photos_are_held_back_and_come_later(tmp_path: Path) -> None:
    for person in "ABCDE":
        (tmp_path / "photos" / person).mkdir(parents=True)
        for number in range(4):
            (tmp_path / "photos" / person / f"{number}.jpg").write_bytes(b"\xff\xd8\xff")
    bench = Bench(tmp_path / "photos", None, tmp_path / "work", 1, (10,))
    assert len(bench.held_back()) == 10
    copy_photos([photo for photo in bench.listed() if photo not in bench.held_back()], tmp_path / "copy")
    assert len(list_photos(tmp_path / "copy").photos) == 10


def test_an_environment_moves_when_it_is_made_of_something_else() -> None:
    assert Environment("x", ("a",)).folder != Environment("x", ("a", "b")).folder
    assert Environment("x", ("a",)).folder == Environment("x", ("a",)).folder


def test_what_is_linked_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 1_000_000)
    before = size_of(tmp_path)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert size_of(tmp_path) == before >= 1_000_000


def test_figures_have_three_digits() -> None:
    assert [short(value) for value in (0.012345, 12.345, 12345.6, 1234, None, "a")] == [
        "0.0123",
        "12.3",
        "12,346",
        "1,234",
        "–",
        "a",
    ]
    assert table([("a", 1.0)], "", "ms") == "|  | ms |\n| --- | --- |\n| a | 1 |"


def test_the_page_says_what_was_measured(tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    write_page(results_of(__version__), tmp_path, results_of(LAST_RELEASE))
    assert (tmp_path / "benchmarks.md").read_text() == (DOCS / "benchmarks.md").read_text()
    assert all((tmp_path / "benchmarks" / name).stat().st_size > 10_000 for name in ("asking.png", "search.png"))


def test_of_each_target_that_is_missed_the_page_says_why() -> None:
    headings = {"index": "From a folder", "asking": "One question", "accuracy": "Whom they", "search": "Search alone"}
    headings |= {"start": "From nothing", "install": "Installing"}
    sections = (DOCS / "benchmarks.md").read_text().split("\n## ")
    missed = {one.work for one in targets(MEASURED) if not one.kept}
    assert missed, "or this test sees nothing"
    for work in missed:
        (section,) = (text for text in sections if text.startswith(headings[work]))
        assert "**Missed" in section, work


@pytest.mark.parametrize("work", sorted(WORKS.keys() & MEASURED.keys()))
def test_a_part_has_a_page_too(work: str, tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    write_page({work: MEASURED[work]}, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    assert page.count("\n## ") == 2
    assert "**Missed" not in page, "what we found in our own run is no word on theirs"


def test_a_missed_target_is_told(tmp_path: Path) -> None:
    results = results_of(LAST_RELEASE)
    assert all(one.kept for one in targets(results) if one.promise.startswith("photos per second"))
    results["index"]["rows"]["niteru"]["from_nothing"]["photos_a_second"] = 20.0
    assert not any(one.kept for one in targets(results) if one.promise.startswith("photos per second"))


def test_directions_of_labels_are_found_among_those_that_vectors_use() -> None:
    dice = np.random.default_rng(0)
    vectors = dice.normal(size=(500, 8)) * np.repeat([1, 1e-7], 4)  # half of the numbers are rounding
    label = np.sign(vectors[:, 0] + dice.normal(size=500))
    found = directions(vectors.astype(np.float32), label[:, None])
    assert abs(found[0, 0]) > 0.95


def test_every_way_to_install_begins_with_empty_caches(tmp_path: Path) -> None:
    def go(folder: Path, photos: Path) -> float:
        caches = [os.environ[name] for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "NITERU_CACHE")]
        assert all(Path(cache).parent == folder and not Path(cache).exists() for cache in caches)
        return 7.0

    def cannot(folder: Path, photos: Path) -> float:
        raise Missing("there is no wheel")

    seconds, megabytes = measured(Way("", go), tmp_path, tmp_path)
    assert seconds is not None
    assert (seconds < 5, megabytes) == (True, 7.0)
    assert measured(Way("", cannot), tmp_path, tmp_path) == (None, None)


def test_people_who_are_drawn_for_it_have_names_that_every_tool_takes(tmp_path: Path) -> None:
    draw_photos(tmp_path)
    assert len(list(tmp_path.glob("*/*.jpg"))) == PEOPLE * PHOTOS
    assert all(folder.name.isascii() for folder in tmp_path.iterdir())
