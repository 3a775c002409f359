"""Network drives are told by the system's table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from niteru.engine.photos.network_drive import network_drive

TABLE = """\
/dev/sda1 / ext4 rw 0 0
nas:/photos {here}/nas nfs4 rw 0 0
//nas/old {here}/my\\040old\\040photos cifs rw 0 0
me@host: {here}/ssh fuse.sshfs rw 0 0
/dev/sdb1 {here}/nas/disk ext4 rw 0 0
nas:/twice {here}/twice nfs rw 0 0
/dev/sdc1 {here}/twice xfs rw 0 0
a line that is none
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        (".", None),
        ("nas", "nfs4"),
        ("nas/2026/Ada", "nfs4"),
        ("nas/disk/Ada", None),
        ("nasty", None),
        ("my old photos/Ada", "cifs"),
        ("ssh", "fuse.sshfs"),
        ("twice", None),
    ],
)
def test_the_nearest_mount_decides(tmp_path: Path, folder: str, kind: str | None) -> None:
    table = tmp_path / "mounts"
    table.write_text(TABLE.format(here=tmp_path), encoding="utf-8")
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert network_drive(tmp_path / folder, table) == kind
    (tmp_path / "link").symlink_to(tmp_path / folder)
    assert network_drive(tmp_path / "link", table) == kind
