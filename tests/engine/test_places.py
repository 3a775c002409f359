"""Where niteru keeps what is a user's own: the places that people's data already lies in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from niteru.engine.embedding.model_zoo import own_models
from niteru.engine.work.user_folders import cache_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's places")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NITERU_CACHE", "NITERU_MODELS", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_places_of_a_home_folder(home: Path) -> None:
    assert cache_folder() == home / ".cache" / "niteru"
    assert own_models() == home / ".local" / "share" / "niteru" / "models"
    assert list(home.iterdir()) == []  # asking makes nothing


def test_xdg_moves_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "d"))
    assert (cache_folder(), own_models()) == (home / "c" / "niteru", home / "d" / "niteru" / "models")


def test_an_empty_xdg_variable_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == home / ".cache" / "niteru"


def test_niteru_s_own_variables_win(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "c"))
    monkeypatch.setenv("NITERU_CACHE", str(home / "mine"))
    monkeypatch.setenv("NITERU_MODELS", str(home / "models"))
    assert (cache_folder(), own_models()) == (home / "mine", home / "models")
