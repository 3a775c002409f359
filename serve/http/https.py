"""HTTPS for other machines: ends the encryption, and passes what comes on to a socket that this machine alone reaches.

Nothing of what is passed on is looked at. The server behind that socket knows who is at the other end, and that nobody
there is on this machine; its time limits end connections, and so end them here.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

Peers = dict[int, str]
"""Addresses of clients who came by HTTPS, by the port that their requests are passed on from."""
_CONNECTIONS = 300
_HANDSHAKE_S = 10.0
_CHUNK = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Https:
    """Way in by HTTPS.

    Attributes:
        sock: listening socket.
        chain: file of the certificate, and of what vouches for it.
        key: file of its key.
    """

    sock: socket.socket
    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Settings of the encryption.

        Raises:
            OSError: a file cannot be read, or the two do not belong together.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.chain, self.key)
        return context

    def pass_on(self, inner: tuple[str, int], peers: Peers) -> None:
        """Pass connections on to an address of this machine, for as long as the process lives.

        Args:
            inner: host and port.
            peers: filled with the clients' addresses.
        """
        asyncio.run(self._serve(inner, peers))

    async def _serve(self, inner: tuple[str, int], peers: Peers) -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            client = writer.get_extra_info("peername")  # None of one who has left already
            with contextlib.suppress(OSError):
                if client is not None and len(peers) < _CONNECTIONS:
                    await _between(reader, writer, inner, (str(client[0]), peers))
            writer.close()

        context = self.context()
        server = await asyncio.start_server(accept, sock=self.sock, ssl=context, ssl_handshake_timeout=_HANDSHAKE_S)
        async with server:
            await server.serve_forever()


async def _between(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner: tuple[str, int], known: tuple[str, Peers]
) -> None:
    """Carry bytes both ways until one end closes; ``known`` is the client's address, and where to write it."""
    address, peers = known
    inside, towards = await asyncio.open_connection(*inner)
    port = towards.get_extra_info("sockname")[1]
    peers[port] = address
    try:
        ways = [asyncio.create_task(_carry(reader, towards)), asyncio.create_task(_carry(inside, writer))]
        _, other = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for task in other:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    finally:
        towards.close()
        del peers[port]


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        target.write(data)
        await target.drain()
