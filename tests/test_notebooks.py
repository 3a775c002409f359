"""The notebooks run, show what they promise, and are kept without what they show."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from niteru.engine.drawn import write_people
from support.command import NITERU

nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs" / "notebooks").glob("*.ipynb"))
SHOWN = {
    "look-alikes": {"text/html": "data:image/jpeg;base64,"},
    "vectors": {"image/png": "", "text/html": "how_sure"},
    "your-own-model": {"text/html": "recall_at_1", "text/plain": "{'niteru-v5': 12, 'mine': 12}"},
}
"""What some cell of each has to show, by type."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the notebooks draw at first; they keep pictures that are there."""
    folder = tmp_path_factory.mktemp("drawn") / "photos"
    assert len(list(write_people(folder, people=12, photos=4))) == 12 * 4
    return folder


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_is_kept_without_outputs(file: Path) -> None:
    for cell in nbformat.read(file, as_version=4).cells:
        assert not cell.get("outputs"), "clear all outputs before committing"
        assert cell.get("execution_count") is None


@pytest.mark.filterwarnings("ignore")  # of the client's own event loop
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_runs(file: Path, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(NITERU).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "NITERU_CACHE", "NITERU_MODELS"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    shutil.copytree(photos, tmp_path / "photos")
    client = nbclient.NotebookClient(
        nbformat.read(file, as_version=4), timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    )
    outputs: list[Any] = [output for cell in client.execute().cells for output in cell.get("outputs", [])]
    for kind, part in SHOWN[file.stem].items():
        assert any(part in str(output["data"].get(kind, "")) for output in outputs if kind in output.get("data", {}))
    told = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    assert "Traceback" not in told
    assert "niteru: " not in told, told
