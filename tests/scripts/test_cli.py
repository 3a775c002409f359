"""Commands as people and programs meet them: a process, its output, its exit status."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from niteru.scripts.cli import GROUPS
from niteru.scripts.cli import niteru as all_commands
from support.command import niteru
from support.drawn import DrawnFolder


@pytest.fixture
def indexed(tmp_path: Path, faces: DrawnFolder) -> Path:
    done = niteru("index", faces.folder, "--gallery", tmp_path / "gallery", "--crops", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert set(summary) == {
        "added", "changed", "moved", "removed", "unchanged", "skipped", "faces", "people", "groups", "unlabelled",
        "generation", "seconds", "dated", "came", "went", "more", "fewer", "newly_told",
    }  # fmt: skip
    assert (summary["added"], summary["faces"], summary["people"], summary["generation"]) == (18, 18, 6, 1)
    return tmp_path / "gallery"


def test_who_is_misspelt_is_offered_what_comes_near(indexed: Path, faces: DrawnFolder) -> None:
    for asked, told in (
        (faces.names[0] + "x", f"did you mean {faces.names[0]}"),
        ("0123456789", "niteru people lists all names"),
        (faces.folder, f"{faces.folder} is a folder: ask with a photo in it"),
    ):
        done = niteru("similar", asked, "--gallery", indexed)
        assert (done.returncode, told in done.stderr) == (1, True), done.stderr


def test_index_ask_report_stats(indexed: Path, faces: DrawnFolder, tmp_path: Path) -> None:
    asked = niteru("similar", faces.ref(0), "--gallery", indexed, "-k", 3, "--json")
    answer = json.loads(asked.stdout)
    assert answer["query"]["person"] == faces.names[0]
    people = [row["person"] for row in answer["results"]]
    assert 1 <= len(answer["results"]) <= 3  # the others are so alike, drawn as they are, that they stand apart
    assert 3 <= len(people) <= 5
    assert faces.names[0] not in people
    told = niteru("similar", faces.ref(0), "--gallery", indexed, "-k", 3).stdout
    assert all(person in told for person in people)
    beyond = niteru("similar", faces.folder / faces.ref(1), "--gallery", indexed, "--face", 7)
    assert (beyond.returncode, "face 7 was asked for and 1 found" in beyond.stderr) == (1, True)
    by_file = niteru("similar", faces.folder / faces.ref(1), "--gallery", indexed, "--json", "--face", 0)
    best = json.loads(by_file.stdout)
    assert best["results"][0]["person"] == faces.names[1]
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
    figures = json.loads(done.stdout)
    assert set(figures) >= {
        "accuracy", "accuracy_sd", "auc", "tar_at_far_1e-2", "tar_at_far_1e-3", "recall_at_1", "pairs", "faces",
        "not_found", "by_set",
    }  # fmt: skip
    assert (figures["pairs"], figures["faces"], figures["not_found"]) == (8, 18, 0)
    assert figures["recall_at_1"] > 0.5
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text()) == figures
    assert (tmp_path / "out" / "roc.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        (["index"], 2, "Missing argument"),
        (["index", "nowhere", "--gallery", "g"], 1, "one folder for each person"),
        (["similar", "a.jpg", "--gallery", "nowhere"], 1, "niteru index"),
        (["report", "--gallery", "nowhere"], 1, "niteru index"),
        (["stats", "--gallery", "nowhere"], 1, "niteru index"),
        (["similar", "a.jpg", "-k", "1000"], 2, "1<=x<=100"),
        (["serve", "--port", "0"], 2, "1<=x<=65535"),
        (["detect", "nothing.jpg"], 2, "does not exist"),
        (["similar", "nothing.jpg", "--face", "smallest"], 2, "main, largest, center, or the number"),
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


def test_every_command_is_listed_by_the_first_line_of_its_help() -> None:
    overview = niteru("--help").stdout
    for title, commands in GROUPS.items():
        assert f"\n{title}:\n" in overview
        for name, line in commands.items():
            help_text = str(all_commands.get_command(click.Context(all_commands), name).help)
            assert help_text.splitlines()[:2] == [line, ""], name
            assert f"niteru {name}" in help_text.partition("Examples:")[2]
            assert re.search(rf"^  {name} +{re.escape(line)}$", overview, re.MULTILINE), "on one line"


def test_every_argument_and_option_is_explained() -> None:
    for words, command in walk(all_commands, ()):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (words, parameter.name)
            else:
                shown = parameter.make_metavar(click.Context(command)).strip("[].")
                assert shown in str(command.help), (words, shown)


def walk(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        yield from walk(command.get_command(context, name), (*words, name))


def test_the_overview_imports_no_command() -> None:
    code = "import sys; sys.argv = ['niteru', '--help']\nfrom niteru.scripts.cli import niteru\n"
    code += "try: niteru()\nfinally: print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    assert [name for name in loaded if name.startswith("niteru.scripts.")] == ["niteru.scripts.cli"]


def test_the_version_is_the_installed_one() -> None:
    assert niteru("--version").stdout == f"niteru {version('niteru-faces')}\n"


def test_the_demo_ends_with_what_to_do_next(tmp_path: Path) -> None:
    done = niteru("demo", "--people", 3, "--photos", 2, "--folder", tmp_path / "my demo")
    assert done.returncode == 0, done.stderr
    assert f"niteru serve --gallery '{tmp_path / 'my demo' / 'gallery'}'" in done.stdout
    assert (tmp_path / "my demo" / "report" / "index.html").is_file()


def test_a_question_that_names_nothing(indexed: Path) -> None:
    done = niteru("similar", "nobody/1.jpg", "--gallery", indexed)
    assert done.returncode == 1
    assert "nobody/1.jpg" in done.stderr


def test_training_needs_people(faces: DrawnFolder, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    # In this process, for TensorFlow takes seconds to start.
    fitted = CliRunner().invoke(all_commands, ["fit", str(faces.folder), "--crops", "--out", str(tmp_path / "out")])
    assert fitted.exit_code == 1
    assert "0 people with 4 usable photos or more to learn from; at least 10 are needed" in fitted.stderr
    trained = CliRunner().invoke(all_commands, ["train", str(faces.folder), "--crops", "--out", str(tmp_path / "out")])
    assert trained.exit_code == 1
    assert "at least 20 are needed" in trained.stderr


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = niteru("serve", "--gallery", tmp_path, "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert "Choose another" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_small_folder_says_why_there_are_no_pairs(faces: DrawnFolder, tmp_path: Path) -> None:
    figures = json.loads(niteru("evaluate", faces.folder, "--crops", "--out", tmp_path / "out", "--json").stdout)
    assert figures["accuracy"] is None
    assert "20 are needed" in figures["no_pairs"]


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


def test_a_reader_that_has_seen_enough_is_no_error(indexed: Path) -> None:
    program = Path(sys.executable).with_name("niteru")
    command = f"{program} people --gallery {indexed} | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
