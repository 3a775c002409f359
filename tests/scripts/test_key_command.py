"""``niteru key``: a key is shown once, listed without what opens, and withdrawn."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from niteru.indexer.gallery import Gallery
from niteru.scripts.cli import niteru
from niteru.serve.keys.key import Right
from niteru.serve.keys.key_file import KeyFile
from niteru.serve.keys.keys import Keys


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    with Gallery.writing(tmp_path / "gallery"):
        return tmp_path / "gallery"


def key(gallery: Path, *words: str) -> Result:
    return CliRunner().invoke(niteru, ["key", *words, "--gallery", str(gallery)])


def test_a_key_is_made_listed_and_withdrawn(gallery: Path) -> None:
    made = key(gallery, "add", "website")
    assert made.exit_code == 0, made.output
    text = made.stdout.strip()
    assert len(text) == 43
    assert "website may read" in made.stderr
    keys = Keys("", KeyFile(gallery / "keys.json"))
    found = keys.of(text)
    assert found is not None
    assert (found.name, found.may) == ("website", {Right.READ})
    today = datetime.now().astimezone().date()
    assert key(gallery, "list").stdout == f"website may read; made {today}\n"
    removed = key(gallery, "remove", "website")
    assert (removed.exit_code, removed.stdout) == (0, f"{gallery}: the key website is withdrawn\n")
    assert keys.of(text) is None
    assert "niteru key add NAME" in key(gallery, "list").stderr


def test_programs_read_json(gallery: Path) -> None:
    today = datetime.now().astimezone().date()
    last = today + timedelta(days=30)
    made = json.loads(key(gallery, "add", "app", "--may", "write, read", "--until", str(last), "--json").stdout)
    text = made.pop("key")
    end = datetime.combine(last + timedelta(days=1), datetime.min.time()).astimezone()
    assert datetime.fromisoformat(made.pop("until")) == end
    assert made == {"name": "app", "may": ["read", "write"], "made": str(today), "expired": False}
    listed = key(gallery, "list", "--json").stdout
    assert [one["name"] for one in json.loads(listed)["keys"]] == ["app"]
    assert text not in listed
    assert f"until {last}" in key(gallery, "list").stdout
    assert json.loads(key(gallery, "remove", "app", "--json").stdout) == {"removed": "app"}


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("add", "owner"), 1, "choose another name"),
        (("add", "a b"), 1, "cannot name a key"),
        (("add", "app", "--may", "admin"), 2, "choose from read, write, delete"),
        (("add", "app", "--until", "2001-01-01"), 1, "choose today or a later day"),
        (("add", "app", "--until", "soon"), 2, "%Y-%m-%d"),
        (("remove", "app"), 1, "niteru key list"),
    ],
)
def test_what_cannot_be_is_told_with_the_next_step(
    gallery: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    done = key(gallery, *words)
    assert (done.exit_code, done.stdout) == (status, "")
    assert said in done.stderr
    assert not (gallery / "keys.json").exists()


def test_a_gallery_that_is_not_there_gets_no_keys(tmp_path: Path) -> None:
    for what, said in (("add", "no gallery here"), ("remove", "there is no key called website")):
        done = key(tmp_path / "galery", what, "website")
        assert (done.exit_code, done.stdout) == (1, "")
        assert said in done.stderr
    assert not (tmp_path / "galery").exists()
