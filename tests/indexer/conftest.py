"""Fixtures: an address in each storage backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.backends import BACKENDS, address_of


@pytest.fixture(params=BACKENDS)
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NITERU_CACHE", str(tmp_path / "cache"))
    return address_of(request.param, tmp_path)


@pytest.fixture
def lite(tmp_path: Path) -> str:
    return address_of("lite", tmp_path)
