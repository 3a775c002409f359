"""Fixtures: a gallery of drawn people with a report, which no test changes, and services of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.serve.report.report import Wanted, write_report
from support.drawn import write_crops
from support.service import KEY, client


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, drawn_crops: dict[str, list[np.ndarray]]) -> Path:
    """Folder with ``faces``, a ``gallery`` of them, and a ``report``."""
    root = tmp_path_factory.mktemp("place")
    write_crops(root / "faces", drawn_crops)
    update(root / "gallery", root / "faces", crops=True)
    with closing(Gallery(root / "gallery")) as gallery:
        write_report(gallery, root / "report", Wanted(k=3))
    return root


@pytest.fixture(scope="session")
def asked(place: Path) -> FlaskClient:
    """Client of a service without a key: a service takes most of a second to start."""
    return client(place)


@pytest.fixture(scope="session")
def keyed(place: Path) -> FlaskClient:
    """Client of a service with a key."""
    return client(place, KEY)
