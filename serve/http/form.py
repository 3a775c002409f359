"""Forms with photos: read in memory, whatever stands in the heads of their parts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from typing_extensions import override
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

_CHUNK = 65_536
_Read = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class FormParser(FormDataParser):
    """Parser of ``multipart/form-data`` that never writes to disk; of other bodies it reads nothing.

    Of fields that are no files it keeps the names alone. A form that breaks off or has no boundary is empty.
    """

    @override
    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> _Read:
        fields, files = MultiDict[str, str](), MultiDict[str, FileStorage]()
        boundary = (options or {}).get("boundary", "")
        # Url-encoded bodies cost fifty times their bytes.
        if mimetype != "multipart/form-data" or not boundary.isascii() or not boundary:
            return stream, fields, files
        try:
            for part, contents in _parts(stream, _Decoder(boundary.encode(), max_parts=self.max_form_parts)):
                if isinstance(part, File):
                    files.add(part.name, FileStorage(contents, name=part.name))
                elif part.name:
                    fields.add(part.name, "")
        except ValueError:  # what cannot be read to its end is not a form
            fields.clear()
            files.clear()
        return stream, fields, files


class _Decoder(MultipartDecoder):
    """Decoder for which the head of a part need not be UTF-8, for browsers write file names in the page's encoding."""

    @override
    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        headers = super()._parse_headers(data.decode("utf-8", "replace").encode())
        headers.setdefault("Content-Disposition", "form-data")  # a part without a name is passed over
        return headers


def _parts(stream: IO[bytes], decoder: MultipartDecoder) -> Iterator[tuple[Field | File, io.BytesIO]]:
    """Read parts with their contents, which are kept of files alone."""
    part: Field | File | None = None
    contents = io.BytesIO()
    for event in _events(stream, decoder):
        if isinstance(event, (Field, File)):
            part, contents = event, io.BytesIO()
        elif isinstance(event, Data) and part is not None:
            if isinstance(part, File):
                contents.write(event.data)
            if not event.more_data:
                contents.seek(0)
                yield part, contents


def _events(stream: IO[bytes], decoder: MultipartDecoder) -> Iterator[Event]:
    while True:
        data = stream.read(_CHUNK)
        decoder.receive_data(data or None)
        while not isinstance(event := decoder.next_event(), NeedData):
            yield event
            if isinstance(event, Epilogue):
                return
