"""The socket that clients connect to, from the first of them to the last."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import sys

_BACKLOG = 1024
_SO_ATTACH_FILTER = 26
_NO_SYN = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
"""Packet filter: load the flags of TCP; with SYN among them drop the packet, or else take it whole."""


def listen_on(host: str, port: int) -> socket.socket:
    """Listen on an address; ``::`` is IPv4, too.

    Raises:
        OSError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both)


def let_nobody_in(sock: socket.socket) -> None:
    """Let the system connect nobody else, whichever processes share the socket.

    Otherwise somebody may be connected between the last accepted connection and the socket's end, and be reset. This
    way clients try again after a second, and learn that nobody listens. Only Linux can do this.
    """
    if sys.platform == "linux":
        steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _NO_SYN))
        program = struct.pack("@HP", len(_NO_SYN), ctypes.addressof(steps))
        with contextlib.suppress(OSError):  # not every sandbox has packet filters
            sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
