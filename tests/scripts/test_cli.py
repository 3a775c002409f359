"""The command as people and programs meet it: a process, its output, its exit status."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from support.command import niteru
from support.drawn import DrawnFolder


@pytest.fixture
def indexed(tmp_path: Path, faces: DrawnFolder) -> Path:
    done = niteru("index", faces.folder, "--gallery", tmp_path / "gallery", "--crops", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said) == {
        "added", "changed", "moved", "removed", "unchanged", "skipped", "faces", "people", "unlabelled", "generation",
        "seconds",
    }  # fmt: skip
    assert (said["added"], said["faces"], said["people"], said["generation"]) == (18, 18, 6, 1)
    return tmp_path / "gallery"


def test_index_ask_report_stats(indexed: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    asked = niteru("similar", faces.ref(0), "--gallery", indexed, "-k", 3, "--json")
    said = json.loads(asked.stdout)
    assert said["query"]["person"] == faces.names[0]
    people = [row["person"] for row in said["same_person"] + said["results"]]
    assert 1 <= len(said["results"]) <= 3  # the others are so alike, drawn as they are, that they stand apart
    assert 3 <= len(people) <= 5
    assert faces.names[0] not in people
    told = niteru("similar", faces.ref(0), "--gallery", indexed, "-k", 3).stdout
    assert all(person in told for person in people)
    beyond = niteru("similar", faces.folder / faces.ref(1), "--gallery", indexed, "--face", 7)
    assert (beyond.returncode, "face 7 was asked for and 1 found" in beyond.stderr) == (1, True)
    by_file = niteru("similar", faces.folder / faces.ref(1), "--gallery", indexed, "--json", "--face", 0)
    best = json.loads(by_file.stdout)
    assert (best["same_person"] + best["results"])[0]["person"] == faces.names[1]
    report = json.loads(niteru("report", "--gallery", indexed, "--out", tmp_path / "out", "--json").stdout)
    assert Path(report["report"]).is_file()
    stats = json.loads(niteru("stats", "--gallery", indexed, "--json").stdout)
    assert stats["people"] == 6
    assert stats["index"] == "flat"
    again = json.loads(niteru("index", faces.folder, "--gallery", indexed, "--crops", "--json").stdout)
    assert (again["added"], again["unchanged"]) == (0, 18)
    assert again["seconds"] < 5


def test_evaluate_writes_figures_and_a_picture(faces: DrawnFolder, tmp_path: Path) -> None:
    pairs = ["2\t2"]
    for a, b in ((0, 1), (2, 3)):
        first, second = faces.names[a], faces.names[b]
        pairs += [f"{first}\t1\t2", f"{second}\t1\t3", f"{first}\t1\t{second}\t2", f"{first}\t3\t{second}\t1"]
    (faces.folder / "pairs.txt").write_text("\n".join(pairs), encoding="utf-8")
    done = niteru("evaluate", faces.folder, "--crops", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said) >= {
        "accuracy", "accuracy_sd", "auc", "tar_at_far_1e-2", "tar_at_far_1e-3", "recall_at_1", "pairs", "faces",
        "not_found", "by_set",
    }  # fmt: skip
    assert (said["pairs"], said["faces"], said["not_found"]) == (8, 18, 0)
    assert said["recall_at_1"] > 0.5
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text()) == said
    assert (tmp_path / "out" / "roc.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (["index"], 2, "Missing argument"),
        (["index", "nowhere", "--gallery", "g"], 1, "one folder for each person"),
        (["similar", "a.jpg", "--gallery", "nowhere"], 1, "make index"),
        (["report", "--gallery", "nowhere"], 1, "make index"),
        (["stats", "--gallery", "nowhere"], 1, "make index"),
        (["similar", "a.jpg", "-k", "1000"], 2, "1<=x<=100"),
        (["serve", "--port", "0"], 2, "1<=x<=65535"),
        (["detect", "nothing.jpg"], 2, "does not exist"),
        (["similar", "nothing.jpg", "--face", "smallest"], 2, "largest, center, or the number"),
        (["evaluate", "nowhere"], 1, "one folder for each person"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_wrong_use_is_told_plainly(tmp_path: Path, words: list[str], status: int, complaint: str) -> None:
    done = niteru(*words, cwd=tmp_path)
    assert done.returncode == status
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_command_has_help_with_an_example() -> None:
    names = [line.split()[0] for line in niteru("--help").stdout.split("Commands:")[1].strip().splitlines()]
    assert {"index", "serve", "report", "similar", "evaluate", "fit", "train", "detect", "stats", "draw"} <= set(names)
    for name, example in (("index", "photos/ --dry"), ("fit", "photos/"), ("train", "faces/ --from niteru-v4")):
        assert f"niteru {name} {example}" in niteru(name, "--help").stdout


def test_a_question_that_names_nothing(indexed: Path) -> None:
    done = niteru("similar", "nobody/1.jpg", "--gallery", indexed)
    assert done.returncode == 1
    assert "No such image" in done.stderr


def test_training_needs_people(faces: DrawnFolder, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    fitted = niteru("fit", faces.folder, "--crops", "--out", tmp_path / "out")
    assert fitted.returncode == 1
    assert "0 people with 4 usable photos or more to learn from; at least 10 are needed" in fitted.stderr
    trained = niteru("train", faces.folder, "--crops", "--out", tmp_path / "out")
    assert trained.returncode == 1
    assert "at least 20 are needed" in trained.stderr


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = niteru("serve", "--gallery", tmp_path, "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert "Take another" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_small_folder_says_why_there_are_no_pairs(faces: DrawnFolder, tmp_path: Path) -> None:
    said = json.loads(niteru("evaluate", faces.folder, "--crops", "--out", tmp_path / "out", "--json").stdout)
    assert said["accuracy"] is None
    assert "20 are needed" in said["no_pairs"]


def test_make_takes_names_as_they_are(faces: DrawnFolder, tmp_path: Path) -> None:
    odd = tmp_path / 'my "best" photos'
    faces.folder.rename(odd)
    root = Path(__file__).parents[2]
    command = [
        "make",
        "--no-print-directory",
        "index",
        f"FACES={odd}",
        f"GALLERY={tmp_path / 'g'}",
        "CROPS=yes",
        "DRY=yes",
    ]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert "would be added 18" in done.stdout
    assert not (tmp_path / "g").exists()
