"""The real exiftool, started once for all that a session asks of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


class ExifTool:
    """One process, which takes one argument a line (``-stay_open``)."""

    def __init__(self, program: str) -> None:
        start = [program, "-stay_open", "True", "-@", "-", "-common_args", "-overwrite_original", "-m"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(start, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, encoding="utf-8")

    def __call__(self, *arguments: str | Path) -> str:
        """What exiftool says to these arguments."""
        self._process.stdin.write("\n".join([*map(str, arguments), "-execute", ""]))
        self._process.stdin.flush()
        lines = []
        while (line := self._process.stdout.readline()).strip() != "{ready}":
            assert line, "exiftool has ended"
            lines.append(line)
        return "".join(lines)

    def read(self, file: Path, *tags: str) -> dict[str, Any]:
        """Tags of a file, structures as such."""
        return json.loads(self("-j", "-struct", *(f"-{tag}" for tag in tags), file))[0]

    def put_xmp(self, packet: str, photo: Path) -> None:
        """Put a packet of XMP into a photo as it is."""
        source = photo.with_name(f"{photo.name}.packet")
        source.write_text(packet, encoding="utf-8")
        told = self(f"-XMP<={source}", photo)
        source.unlink()
        assert "rror" not in told, told

    def close(self) -> None:
        self._process.communicate("-stay_open\nFalse\n")


def real_exiftool() -> ExifTool:
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("no exiftool here: apt install libimage-exiftool-perl")
    return ExifTool(program)
