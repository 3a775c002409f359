"""The systems that the README names: every package of the base installation has a wheel there, and nothing is built."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
SERVED = {
    "x86_64-unknown-linux-gnu": "ai-edge-litert",
    "aarch64-unknown-linux-gnu": "ai-edge-litert",
    "aarch64-apple-darwin": "ai-edge-litert",
    "x86_64-apple-darwin": "onnxruntime",
    "x86_64-pc-windows-msvc": "ai-edge-litert",
}
"""Systems that the README names, and what the networks run on there."""
LACKING = {
    "aarch64-pc-windows-msvc": ("ai-edge-litert", "opencv-python-headless"),
    "x86_64-unknown-linux-musl": ("ai-edge-litert",),
}
"""Systems that the README says are not served, and packages of which one at least has no wheel for them."""


def resolved(platform: str, version: str, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["pip", "compile", "pyproject.toml", "--quiet", "--only-binary", ":all:", "--no-header", "--no-annotate"]
    return subprocess.run(
        [UV, *words, *more, "--python-platform", platform, "--python-version", version],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("version", ["3.11", "3.13"])
@pytest.mark.parametrize(("platform", "runtime"), SERVED.items())
def test_everything_has_a_wheel(platform: str, runtime: str, version: str) -> None:
    done = resolved(platform, version)
    assert done.returncode == 0, done.stderr
    assert [name for name in ("ai-edge-litert", "onnxruntime") if f"{name}==" in done.stdout] == [runtime]


@pytest.mark.parametrize("platform", SERVED)
def test_so_has_everything_that_people_may_want(platform: str) -> None:
    done = resolved(platform, "3.13", "--extra", "all")
    assert done.returncode == 0, done.stderr
    assert "pyarrow==" in done.stdout


@pytest.mark.parametrize(("platform", "packages"), LACKING.items())
def test_a_system_that_is_not_served_lacks_what_the_readme_says(platform: str, packages: tuple[str, ...]) -> None:
    """Once this fails, the package has come there: the README and the list above may say so."""
    done = resolved(platform, "3.11")
    assert done.returncode != 0
    said = " ".join(done.stderr.split())  # it comes in lines of a terminal's width
    assert any(re.search(rf"{package}(\{{[^}}]*\}})?>=\S+ has no wheels", said) for package in packages), said
