"""Network drives, of whose changes on other machines the system tells nobody."""

from __future__ import annotations

import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"),
    *("orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
}
"""Kinds of file systems whose files others change, too."""


def network_drive(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """Kind of the network drive that a folder lies on; None for a disk of this machine, or where nobody can tell.

    Args:
        folder: anything that exists.
        mounts: the system's table of mounts, which only Linux has.

    Example:
        >>> network_drive(Path("/"), mounts=Path("no-such-table")) is None
        True
    """
    try:
        table = [line.split(" ")[1:3] for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return None
    above = {folder.resolve(), *folder.resolve().parents}
    found = [(Path(_unescaped(place)), kind) for place, kind in table if Path(_unescaped(place)) in above]
    # Of mounts on one place the last one counts.
    _, kind = max(enumerate(found), key=lambda one: (len(one[1][0].parts), one[0]))[1] if found else (None, "")
    return kind if kind in _NETWORK or kind.startswith("fuse.") else None


def _unescaped(place: str) -> str:
    """A path as it is: the table writes blanks and the like as numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place)
