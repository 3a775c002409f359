"""The backend's own rules: imports point down, and only the training wing knows TensorFlow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEVEL = {"engine": 0, "indexer": 1, "serve": 2, "scripts": 3}
FILES = sorted(file for room in LEVEL for file in (ROOT / room).rglob("*.py"))


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_down(file: Path) -> None:
    room, *rest = file.relative_to(ROOT).parts
    for name in imported(file):
        top = name.split(".")[0]
        assert LEVEL.get(top, 0) <= LEVEL[room], f"{name} is above {room}"
        if top in ("tensorflow", "keras", "mtcnn"):
            assert (room, rest[0]) == ("engine", "training"), f"{top} outside engine/training"
