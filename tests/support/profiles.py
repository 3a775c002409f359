"""Colour profiles, written as cameras and presses write them."""

from __future__ import annotations

import itertools
import struct


def _tagged(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", place + len(body), len(content))
        body += content
    size = place + len(body)
    white = struct.pack(">3i", 63190, 65536, 54061)
    head = struct.pack(
        ">I4sI4s4s4s12s4s4s", size, b"\0" * 4, 0x02400000, kind, space, connection, b"\0" * 12, b"acsp", b""
    )
    return (head + b"\0" * 24 + white).ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def display_p3() -> bytes:
    """The wide gamut of phones, with a plain gamma of 2.2."""
    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    named = b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(78)
    tags = {
        b"desc": named,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": _xyz(0.9642, 1, 0.8249),
        b"rXYZ": _xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": _xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": _xyz(0.1571, 0.06657, 0.78407),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma),
    }
    return _tagged(b"mntr", b"RGB ", b"XYZ ", tags)


def press() -> bytes:
    """CMYK whose black is dark grey and whose paper is white: far from what the numbers say by themselves."""
    straight = bytes(range(256))
    nodes = b""
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        lightness = (1 - 0.25 * cyan - 0.3 * magenta - 0.05 * yellow) * (1 - 0.7 * black)
        a, b = 40 * magenta - 30 * cyan, 60 * yellow - 30 * cyan
        nodes += bytes((round(255 * lightness), round(128 + a * (1 - black)), round(128 + b * (1 - black))))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + straight * 4 + nodes + straight * 3
    named = b"desc\0\0\0\0" + struct.pack(">I", 6) + b"press\0" + bytes(78)
    tags = {b"desc": named, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(0.9642, 1, 0.8249), b"A2B0": table}
    return _tagged(b"prtr", b"CMYK", b"Lab ", tags)
