"""The systems that the README names: every package of the base installation has a wheel there, and nothing is built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
SERVED = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
LACKING = {
    "x86_64-apple-darwin": "ai-edge-litert",
    "aarch64-pc-windows-msvc": "ai-edge-litert",
    "x86_64-unknown-linux-musl": "ai-edge-litert",
}
"""Systems that the README says are not served, and the package that has no wheel for them."""


def resolved(platform: str, version: str) -> subprocess.CompletedProcess[str]:
    words = ["pip", "compile", "pyproject.toml", "--quiet", "--only-binary", ":all:", "--no-header", "--no-annotate"]
    return subprocess.run(
        [UV, *words, "--python-platform", platform, "--python-version", version],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("version", ["3.11", "3.13"])
@pytest.mark.parametrize("platform", SERVED)
def test_everything_has_a_wheel(platform: str, version: str) -> None:
    done = resolved(platform, version)
    assert done.returncode == 0, done.stderr
    assert "ai-edge-litert==" in done.stdout


@pytest.mark.parametrize(("platform", "package"), LACKING.items())
def test_a_system_that_is_not_served_lacks_what_the_readme_says(platform: str, package: str) -> None:
    """Once this fails, the package has come there: the README and the list above may say so."""
    done = resolved(platform, "3.11")
    assert done.returncode != 0
    assert f"{package}>=" in done.stderr
