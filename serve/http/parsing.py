"""What a client sends, read into one request at a time within limits; what cannot be read is a problem document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from typing_extensions import override
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from niteru.serve.http.error_handlers import document
from niteru.serve.http.statuses import REFUSED_REQUESTS

MOST_LINE_BYTES, MOST_HEAD_BYTES, MOST_FIELDS = 8_190, 65_536, 100
"""Limits on the request line, on the whole head, and on the number of header fields."""
MOST_FRAMING_BYTES = 65_536
"""Bytes that the sizes of chunks may take beyond as many as the chunks themselves have."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer to a request that is not handed to the application, in the form in which waitress wants its errors.

    Attributes:
        status: code and phrase.
        headers: names and values.
        body: as it is sent.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def to_response(self, _: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body."""
        return self.status, self.headers, self.body

    @classmethod
    def of(cls, code: int) -> Refusal:
        """Refusal of what is no request; its text repeats nothing that the client sent."""
        phrase = HTTPStatus(code).phrase
        late = code == HTTPStatus.REQUEST_TIMEOUT
        detail = "the request took too long to arrive" if late else "the server could not read the request"
        body = document(code, REFUSED_REQUESTS.get(code, "internal-error"), phrase, detail)
        return cls(f"{code} {phrase}", [("Content-Type", "application/problem+json")], body.encode())


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """Parser that stops at the end of a request, and refuses what waitress would let pass.

    Args:
        adj: settings of waitress.
        admit: asked as soon as the head of a request with a body has arrived; its refusal spares the body.
    """

    def __init__(self, adj: Adjustments, admit: Callable[[RequestParser], Refusal | None]) -> None:
        super().__init__(adj)
        self._admit = admit
        self._fields = 0
        self.rest = b""
        """What the client sent beyond this request."""

    @override
    def received(self, data: bytes) -> int:
        in_head = not self.headers_finished
        line = (self.header_plus + data).split(b"\r\n", 1)[0] if in_head else b""
        try:
            taken: int = super().received(data)
        except ValueError:  # a Content-Length of more digits than Python converts
            taken = self.refuse(Refusal.of(400))
        if len(line) > MOST_LINE_BYTES:
            self.refuse(Refusal.of(414))
        elif in_head and self.headers_finished and not self.error:
            self._judge_head()
        elif self.chunked and self.body_bytes_received > 2 * len(self.body_rcv) + MOST_FRAMING_BYTES:
            self.refuse(Refusal.of(400))  # chunks of a byte would cost more than all that is done with them
        if self.error:
            self.expect_continue = False  # or waitress would ask for the body all the same
        elif self.completed:
            self.rest = data[taken:]
        return len(data) if self.completed else taken

    @override
    def parse_header(self, header_plus: bytes) -> None:
        self._fields = header_plus.count(b"\r\n") - 2  # without the request line and the empty one
        super().parse_header(header_plus)

    def refuse(self, refusal: Refusal) -> int:
        """Read no more of this request and answer it so; returns 0, the number of bytes taken."""
        self.error, self.completed = refusal, True
        return 0

    def _judge_head(self) -> None:
        """Refuse a head beyond the limits, one that can be read in two ways, and whom the application turns away."""
        headers = self.headers
        two_lengths = self.chunked and "CONTENT_LENGTH" in headers
        if self._fields > MOST_FIELDS:
            self.refuse(Refusal.of(431))
        elif self.version not in ("1.0", "1.1") or two_lengths or "TRANSFER_ENCODING" in headers:
            self.refuse(Refusal.of(400))
        elif headers.get("EXPECT", "100-continue").lower() != "100-continue":
            self.refuse(Refusal.of(417))
        elif self.body_rcv is not None and (refusal := self._admit(self)):
            self.refuse(refusal)
