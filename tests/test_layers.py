"""The house's own rules: imports point down, in no circle and in no string, and only training knows TensorFlow."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx
import pytest

from niteru.indexer.gallery import Gallery

ROOT = Path(__file__).parents[1]
LEVEL = {"engine": 0, "indexer": 1, "serve": 2, "niteru": 3, "scripts": 4}
FILES = sorted(file for wing in LEVEL for file in (ROOT / wing).rglob("*.py"))
HEAVY = ("tensorflow", "keras", "mtcnn")
MOST_ENTRIES = 12


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if parts[0] == "niteru" else ("niteru", *parts))


def wing_of(module: str) -> str | None:
    """Of a module; None for one that is not niteru's."""
    first, _, rest = module.partition(".")
    if first != "niteru":
        return None
    wing = rest.partition(".")[0]
    return wing if wing in LEVEL else "niteru"


MODULES = {module_of(file): file for file in FILES}


def imported(file: Path, *, at_start: bool = False) -> Iterator[str]:
    """What a file imports, anywhere or only when it is loaded."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body if at_start else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_down(file: Path) -> None:
    here, *rest = file.relative_to(ROOT).parts
    for name in imported(file):
        wing = wing_of(name)
        assert wing is None or LEVEL[wing] <= LEVEL[here], f"{name} is above {here}"
        if name.split(".")[0] in HEAVY:
            assert (here, rest[0]) == ("engine", "training"), f"{name} outside engine/training"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_string_spells_a_wing_above(file: Path) -> None:
    here = file.relative_to(ROOT).parts[0]
    above = "|".join(wing for wing, level in LEVEL.items() if level > LEVEL[here] and wing != "niteru")
    spelled = re.compile(rf"(^|[^\w-])({above})([./]\w|$)") if above else None
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if spelled and isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = spelled.search(node.value)
            assert not found or found[0].strip() in ("niteru serve",), f"line {node.lineno}: {node.value!r}"


def test_no_import_runs_in_a_circle() -> None:
    arrows = networkx.DiGraph(
        (module, name)
        for module, file in MODULES.items()
        for name in imported(file)
        if name in MODULES and name != module
    )
    circles = [sorted(circle) for circle in networkx.strongly_connected_components(arrows) if len(circle) > 1]
    # The front door's own rooms know one another by `niteru/__init__.py`, which nothing below asks.
    assert circles == []


@pytest.mark.parametrize("wing", ["engine", "indexer"])
def test_a_wing_is_a_table_of_contents(wing: str) -> None:
    entries = {path.name for path in (ROOT / wing).iterdir() if not path.name.startswith(("__pycache__", "."))}
    assert len(entries) <= MOST_ENTRIES, sorted(entries)
    for room in (ROOT / wing).iterdir():
        if room.is_dir() and any(room.glob("*.py")):
            assert ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))), room


def test_a_question_by_command_needs_nothing_of_the_service() -> None:
    code = "import sys, niteru.scripts.similar; print(*(m for m in sys.modules if m.startswith('niteru.serve')))"
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_question_by_id_loads_nothing_that_reads_photos_or_stores(gallery: Gallery) -> None:
    code = (
        "import sys; from niteru.scripts.cli import niteru;"
        f"niteru(['similar', 'face:1', '--gallery', {str(gallery.folder)!r}], standalone_mode=False);"
        "print(*({'PIL', 'fsspec', 'niteru.indexer.catalog.catalog'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout and done.stderr.split() == []


def test_the_front_door_opens_at_once() -> None:
    """And loads what it needs when it is asked."""
    code = (
        "import sys, niteru; print(*({'numpy', 'cv2', 'faiss', 'flask', 'ai_edge_litert', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.split() == []
