"""An image run as Docker would: read-only, unprivileged, as process 1 of its own, with a network of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.container.building import Image
from bench.container.dockerfile import health_command, words

DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
SETTING_UP = """\
set -e
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmp "$ROOT/tmp"
mount -t tmpfs dev "$ROOT/dev"
for device in $DEVICES; do touch "$ROOT/dev/$device"; mount --bind "/dev/$device" "$ROOT/dev/$device"; done
mkdir "$ROOT/dev/shm"; mount -t tmpfs -o size=64m shm "$ROOT/dev/shm"
ln -s /proc/self/fd "$ROOT/dev/fd"
for volume in $VOLUMES; do mount --bind "$STATE/$volume" "$ROOT/$volume"; done
mount --bind "$PHOTOS" "$ROOT/photos"; mount -o remount,bind,ro "$ROOT/photos"
ip link set lo up
exec setpriv --no-new-privs chroot --userspec="$USER_AND_GROUP" --groups= "$ROOT" "$@"
"""
"""What the engine does in the container's own namespaces before it starts the command in it."""
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Containers:
    """Containers of an image with the same volumes, as compose.yaml has them.

    Attributes:
        image: the image.
        state: folder for the volumes.
        photos: folder that is seen as /photos, to be read only.
        settings: environment variables beside the image's own.
    """

    image: Image
    state: Path
    photos: Path
    settings: dict[str, str]

    def prepare(self) -> None:
        """Make the volumes, which begin as what the image has in their places."""
        for volume in self._volumes():
            there = self.state / volume
            there.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "--archive", str(self.image.root.path / volume), str(there)], check=True)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of niteru's to its end, as ``docker compose run`` does."""
        entry = words(self.image.stage.last("ENTRYPOINT"))
        return subprocess.run(
            self._command([*entry, *command]), env=self._around(), capture_output=True, text=True, timeout=300
        )

    def start(self, log: Path) -> Service:
        """Start what the image is for, as ``docker compose up`` does; its output goes to the log."""
        stage = self.image.stage
        command = self._command([*words(stage.last("ENTRYPOINT")), *words(stage.last("CMD"))])
        with log.open("wb") as out:
            outer = subprocess.Popen(command, env=self._around(), stdout=out, stderr=subprocess.STDOUT)
        return Service(self, outer)

    def variables(self) -> list[str]:
        """Environment of a process inside, for env(1)."""
        return [f"{name}={value}" for name, value in {**self.image.environment, **self.settings}.items()]

    def user_and_group(self) -> str:
        """Numbers of the user and the group that it runs as."""
        return self.image.stage.last("USER")

    def _command(self, command: list[str]) -> list[str]:
        spaces = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
        inside = ["/usr/bin/env", "-i", "-C", self.image.stage.last("WORKDIR"), *self.variables(), *command]
        return [*spaces, "sh", "-c", SETTING_UP, "sh", *inside]

    def _around(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "ROOT": str(self.image.root.path),
            "STATE": str(self.state),
            "PHOTOS": str(self.photos),
            "VOLUMES": " ".join(self._volumes()),
            "DEVICES": " ".join(DEVICES),
            "USER_AND_GROUP": self.user_and_group(),
        }

    def _volumes(self) -> list[str]:
        return [volume.lstrip("/") for volume in words(self.image.stage.last("VOLUME"))]


@dataclass(frozen=True, slots=True)
class Service:
    """A running container."""

    containers: Containers
    outer: subprocess.Popen[bytes]

    def first_process(self) -> int:
        """Number that the container's process 1 has outside, once it sees its own root.

        Raises:
            RuntimeError: it has ended.
        """
        listed, root = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children"), self.containers.image.root.path
        while self.outer.poll() is None:
            for child in listed.read_text().split():
                if Path(f"/proc/{child}/root").resolve() == root:
                    return int(child)
            time.sleep(0.01)
        raise RuntimeError("the container has ended")

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside it, as ``docker exec`` does."""
        user, _, group = self.containers.user_and_group().partition(":")
        entering = ["nsenter", "--target", str(self.first_process()), "--mount", "--pid", "--net", "--root"]
        entering += ["--setuid", user, "--setgid", group, "/usr/bin/env", "-i", *self.containers.variables()]
        return subprocess.run([*entering, *command], capture_output=True, text=True, timeout=PATIENCE_S)

    def until_healthy(self) -> float:
        """Ask for its health, as the image's HEALTHCHECK says, until it is well; return the seconds.

        Raises:
            TimeoutError: it is not well after a minute.
        """
        start, command = time.perf_counter(), health_command(self.containers.image.stage)
        while time.perf_counter() - start < PATIENCE_S:
            if self.execute(*command).returncode == 0:
                return time.perf_counter() - start
            time.sleep(0.1)
        raise TimeoutError("the container is not healthy after a minute")

    def ask(self, code: str) -> str:
        """Run Python code of this machine's in the container's network; return what it prints.

        Raises:
            CalledProcessError: the code failed.
        """
        entering = ["nsenter", "--target", str(self.first_process()), "--net"]
        done = subprocess.run([*entering, sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return done.stdout

    def stop(self) -> tuple[float, int]:
        """Send SIGTERM to its process 1, as ``docker stop`` does; return the seconds until its end, and its status."""
        start = time.perf_counter()
        os.kill(self.first_process(), signal.SIGTERM)
        status = self.outer.wait(PATIENCE_S)
        return time.perf_counter() - start, status
