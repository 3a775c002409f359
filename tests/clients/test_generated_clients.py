"""Clients that are generated from ``/openapi.json``, in Python and in TypeScript, before a running service.

They are made anew for each test and not kept: what is committed could only be older than the description.
"""

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from niteru.indexer.update.enrol import update
from support.command import start
from support.drawn import DrawnFolder, write_crops
from support.service import KEY

HERE = Path(__file__).parent
GENERATOR = Path(sys.executable).with_name("openapi-python-client")
PATIENCE_S = 120


@dataclass(frozen=True)
class Service:
    """A running service that may be changed."""

    address: str
    faces: DrawnFolder
    description: Path

    def photo(self, who: int) -> Path:
        return self.faces.folder / self.faces.ref(who)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, drawn_crops: dict[str, Any]) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("clients")
    faces = write_crops(root / "faces", drawn_crops)
    update(root / "gallery", root / "faces", crops=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NITERU_API_KEY", KEY)
        process, address = start(root / "gallery", root / "log")
    with urllib.request.urlopen(f"{address}/openapi.json", timeout=20) as reply:
        (root / "openapi.json").write_bytes(reply.read())
    yield Service(address, faces, root / "openapi.json")
    process.terminate()
    process.wait(20)
    assert "Traceback" not in (root / "log").read_text()


def run(*words: object, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env={**os.environ, **more},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def niteru_client(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The client in Python, generated without a word of warning."""
    beside = f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"  # where it finds ruff
    words = ("generate", "--path", service.description, "--config", HERE / "openapi-python-client.yml")
    said = run(GENERATOR, *words, "--meta", "none", "--output-path", "niteru_client", cwd=tmp_path, PATH=beside)
    assert "WARNING" not in said, said
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("niteru_client")
    for name in [name for name in sys.modules if name.partition(".")[0] == "niteru_client"]:
        del sys.modules[name]


def test_a_client_in_python(service: Service, niteru_client: ModuleType) -> None:
    client = niteru_client.AuthenticatedClient(base_url=service.address, token=KEY)
    models, file = importlib.import_module("niteru_client.models"), importlib.import_module("niteru_client.types").File
    name, photo = service.faces.names[0], service.photo(0).read_bytes()

    def ask(operation: str, *path: object, **more: Any) -> Any:
        tag, _, function = operation.partition(".")
        return importlib.import_module(f"niteru_client.api.{tag}.{function}").sync(*path, client=client, **more)

    def sent() -> Any:
        return file(io.BytesIO(photo), "photo.png", "image/png")

    with client:
        people = ask("people.list_people", limit=2)
        assert (people.total, len(people.people)) == (6, 2)
        answer = ask("similar.find_similar_to_photos", body=models.Upload(image=[sent()]), k=3)
        assert (answer.results[0].person, answer.results[0].same_person) == (name, True)
        comparison = ask("compare.compare_faces", body=models.PairUpload(one=sent()), other=name)
        assert (comparison.same_person, comparison.other.name) == (True, name)
        crop = ask("faces.get_crop", str(answer.results[0].faces[0].id))
        assert crop.payload.read().startswith(b"\xff\xd8")
        [enrolled] = ask("photos.enrol_photos", "Aunt Mary", body=models.Upload(image=[sent()])).faces
        corrected = ask("names.name_faces", body=models.Said(who=[f"face:{enrolled.id}"], name=name))
        assert (corrected.faces, corrected.name) == (1, name)
        ask("names.undo_name")
        assert ask("faces.get_face", str(enrolled.id)).person == "Aunt Mary"
        assert ask("faces.forget_face", str(enrolled.id)).clean
        assert ask("people.forget_person", name).clean
        gone = ask("people.get_person", name)
        assert isinstance(gone, models.Problem)
        assert gone.type_ == "person-not-found"


@pytest.fixture(scope="module")
def npm() -> str:
    """The command npm, where it can fetch packages."""
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed: the client in TypeScript is not tried")
    ping = subprocess.run([found, "ping"], capture_output=True, text=True, timeout=PATIENCE_S)
    if ping.returncode != 0:
        pytest.skip(f"npm cannot fetch packages here: the client in TypeScript is not tried. {ping.stderr[-300:]}")
    return found


def test_a_client_in_typescript(service: Service, npm: str, tmp_path: Path) -> None:
    folder = tmp_path / "typescript"
    shutil.copytree(HERE / "typescript", folder)
    shutil.copy(service.description, folder / "openapi.json")
    run(npm, "ci", "--prefer-offline", "--no-audit", "--no-fund", cwd=folder)
    for script in ("generate", "build"):
        run(npm, "run", "--silent", script, cwd=folder)
    name = service.faces.names[1]
    told = run("node", "built/ask.js", service.address, KEY, service.photo(1), name, cwd=folder)
    answer = json.loads(told)
    assert answer.pop("crop") > 500
    assert answer.pop("total") in (5, 6), "the other client forgets somebody, too"
    assert answer == {
        "nearest": name,
        "same_person": True,
        "corrected": name,
        "back": "Aunt Mary",
        "clean": True,
        "gone": "person-not-found",
    }
