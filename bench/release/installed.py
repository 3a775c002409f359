"""The wheel in an empty environment: what it brings, as a bill of materials, and whether the demo runs there."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.release.failed import CheckFailed, run

_BIN = Path(sys.executable).parent
PEOPLE, PHOTOS = 8, 3


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel by pip into an empty environment; return its ``bin``.

    Raises:
        CheckFailed: pip cannot.
    """
    run([sys.executable, "-m", "venv", "--without-pip", folder], folder.parent)
    pip = [_BIN / "python", "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check"]
    run([*pip, "install", "--quiet", "--only-binary", ":all:", wheel], folder.parent)
    return folder / "bin"


def try_demo(binaries: Path, version: str, folder: Path) -> None:
    """Run ``niteru demo`` outside the checkout.

    Raises:
        CheckFailed: it failed, or is another version's.
    """
    if version not in (told := run([binaries / "niteru", "--version"], folder)):
        raise CheckFailed(f"niteru --version says {told.strip()}, where {version} was installed")
    run([binaries / "niteru", "demo", "--people", str(PEOPLE), "--photos", str(PHOTOS)], folder)
    if not (folder / "demo" / "report" / "index.html").is_file():
        raise CheckFailed("niteru demo has written no report")


def write_bill(repository: Path, binaries: Path, file: Path) -> int:
    """Write the bill of materials of an environment (CycloneDX), with the networks and fonts that the wheel holds.

    Returns:
        Number of components.

    Raises:
        CheckFailed: it cannot be written, or is not as CycloneDX wants it.
    """
    command = [_BIN / "cyclonedx-py", "environment", "--pyproject", "pyproject.toml", "--output-reproducible"]
    run([*command, "--gather-license-texts", "-o", file, binaries / "python"], repository)
    bill: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    bill["components"] += [*_networks(repository), *_fonts(repository)]
    text = json.dumps(bill, indent=1, ensure_ascii=False)
    _validate(text)
    file.write_text(text, encoding="utf-8")
    return len(bill["components"])


def _networks(repository: Path) -> list[dict[str, Any]]:
    found = []
    for file in sorted(repository.glob("engine/models/*/model.json")):
        model = json.loads(file.read_text(encoding="utf-8"))
        sources = [{"type": "dataset", "name": source} for source in model["training_data"]]
        found.append(
            {
                "type": "machine-learning-model",
                "bom-ref": f"model:{model['name']}",
                "name": model["name"],
                "licenses": [{"license": {"name": model["licence"]}}],
                "hashes": [_sha256(file.with_name("model.tflite"))],
                "modelCard": {"modelParameters": {"datasets": sources}},
            }
        )
    return found


def _fonts(repository: Path) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "bom-ref": f"font:{file.name}",
            "name": file.name,
            "licenses": [{"license": {"id": "OFL-1.1" if file.name.startswith("Noto") else "Bitstream-Vera"}}],
            "hashes": [_sha256(file)],
        }
        for file in sorted(repository.glob("serve/pictures/fonts/*.[to]tf"))
    ]


def _sha256(file: Path) -> dict[str, str]:
    return {"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}


def _validate(text: str) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise CheckFailed(f"the bill of materials is not valid: {wrong}")
