"""Roots of a file system for the stages of a Dockerfile, each a layer over a bare Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from niteru.engine.work.user_folders import cache_folder

MIRROR = "http://deb.debian.org/debian"
SPARED = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists")
"""What Debian's slim images leave out (but for the licences), and what debootstrap downloaded."""


class StepFailed(Exception):
    """A step of the Dockerfile ended with an error; the message has what it printed."""


def bare_debian(release: str) -> Path:
    """A bare Debian, made by debootstrap once and kept.

    Raises:
        StepFailed: debootstrap cannot make it.
    """
    folder = cache_folder() / "bench" / f"debian-{release}"
    if not folder.is_dir():
        aside = folder.with_suffix(".part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(parents=True, exist_ok=True)
        _carried_out(["debootstrap", "--variant=minbase", release, str(aside), MIRROR])
        for part in SPARED:
            shutil.rmtree(aside / part, ignore_errors=True)
        aside.rename(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Root:
    """A root that can be changed, over one that stays as it is; it is there until this process's mounts end.

    Attributes:
        folder: folder for the layer.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The whole root."""
        return self.folder / "root"

    @property
    def layer(self) -> Path:
        """What differs from the base."""
        return self.folder / "layer"

    def begin(self, base: Path) -> Root:
        """Lay an empty layer over the base."""
        for part in (self.path, self.layer, self.folder / "work"):
            part.mkdir(parents=True)
        layers = f"lowerdir={base},upperdir={self.layer},workdir={self.folder / 'work'}"
        _carried_out(["mount", "-t", "overlay", "overlay", "-o", layers, str(self.path)])
        _carried_out(["mount", "-t", "proc", "proc", str(self.path / "proc")])
        _carried_out(["mount", "-t", "tmpfs", "tmp", str(self.path / "tmp")])
        return self

    def run(self, command: str, environment: dict[str, str]) -> None:
        """Carry out a ``RUN``: by a shell, as root, with this machine's network.

        Raises:
            StepFailed: the command failed.
        """
        shutil.copyfile("/etc/resolv.conf", self.path / "etc" / "resolv.conf")
        settings = {**environment, **self._certificates(), "DEBIAN_FRONTEND": "noninteractive"}
        pairs = [f"{name}={value}" for name, value in settings.items()]
        _carried_out(["chroot", str(self.path), "/usr/bin/env", "-i", *pairs, "/bin/sh", "-c", command])

    def size_mb(self) -> float:
        """Size of the layer in MB."""
        done = subprocess.run(["du", "-s", "--block-size=1000", str(self.layer)], capture_output=True, check=True)
        return int(done.stdout.split()[0]) / 1000

    def _certificates(self) -> dict[str, str]:
        """The certificates by which this machine's pip trusts its index, where it has some of its own."""
        bundle = os.environ.get("PIP_CERT")
        if not bundle:
            return {}
        there = self.path / "tmp" / "certificates.crt"
        shutil.copyfile(bundle, there)
        return {"PIP_CERT": "/tmp/certificates.crt"}


def _carried_out(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode:
        printed = done.stdout.decode(errors="replace")[-3000:]
        raise StepFailed(f"{' '.join(command[-3:])}\nended with {done.returncode}:\n{printed}")
