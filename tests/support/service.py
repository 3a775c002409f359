"""The service without a server: an application over a folder's gallery and report."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from niteru.serve.http.app import create_app

KEY = "a-key-of-thirty-two-characters!!"


def client(root: Path, key: str = "", **config: object) -> FlaskClient:
    """Client of a service of its own for ``root``'s gallery and report, with this key and these settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NITERU_API_KEY", key)
        app = create_app({"GALLERY": str(root / "gallery"), "REPORT": str(root / "report"), **config})
    return app.test_client()
