"""Forms as browsers, scripts and odd programs write them."""

import io

import pytest
from werkzeug.test import EnvironBuilder

from niteru.serve.http.app import FormRequest

PHOTO = bytes(range(256)) * 700  # longer than what is read at a time, with all that looks like a line's end


def read(*parts: bytes, end: bytes = b"--B--\r\n") -> FormRequest:
    body = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + end
    headers = {"CONTENT_TYPE": "multipart/form-data; boundary=B", "CONTENT_LENGTH": str(len(body))}
    return FormRequest({**EnvironBuilder(method="POST").get_environ(), **headers, "wsgi.input": io.BytesIO(body)})


HEADS = {
    "Latin-1": b'Content-Disposition: form-data; name="image"; filename="Zo\xeb.png"',
    "UTF-8": 'Content-Disposition: form-data; name="image"; filename="小雪.png"'.encode(),
    "Shift-JIS": b'Content-Disposition: form-data; name="image"; filename="\x8f\xac\x90\xe1.png"',
    "an escape": b'Content-Disposition: form-data; name="image"; filename="a\x1b\x00.png"',
    "no name": b'Content-Disposition: form-data; name=image; filename=""',
    "encoded": b"Content-Disposition: form-data; name=image; filename*=iso-8859-1''Zo%EB.png; filename=a",
    "type": b'Content-Disposition: form-data; name="image"; filename="a"\r\nContent-Type: image/\xff\xfe',
    "unknown": b'X-\xe9: \xe9\r\nContent-Disposition: form-data; name="image"; filename="a"',
    "no colon": b'nothing\xff\r\nContent-Disposition: form-data; name="image"; filename="a"',
    "folded": b'Content-Disposition: form-data;\r\n name="image";\r\n\tfilename="\xe9"',
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_photo_arrives_whatever_stands_in_its_head(head: bytes) -> None:
    request = read(head + b"\r\n\r\n" + PHOTO)
    (photo,) = request.files.getlist("image")
    assert photo.read() == PHOTO
    assert not request.form


def test_parts_without_a_name_are_passed_over() -> None:
    named = HEADS["Latin-1"] + b"\r\n\r\n" + PHOTO
    request = read(b"\r\nx", b"Content-Type: text/plain\r\n\r\nx", b"Content-Disposition: form-data\r\n\r\nx", named)
    assert [photo.read() for photo in request.files.getlist("image")] == [PHOTO]
    assert not request.form


def test_fields_keep_their_names_alone() -> None:
    request = read(
        b'Content-Disposition: form-data; name="k"\r\n\r\n' + b"5" * 1_000_000, HEADS["UTF-8"] + b"\r\n\r\n1"
    )
    assert dict(request.form) == {"k": ""}
    assert request.files["image"].read() == b"1"


@pytest.mark.parametrize("end", [b"", b"--B", b"--C--\r\n"])
def test_a_form_that_breaks_off_is_empty(end: bytes) -> None:
    assert not read(HEADS["UTF-8"] + b"\r\n\r\n" + PHOTO, end=end).files


def test_other_bodies_are_not_read() -> None:
    body = io.BytesIO(b"a=1&" * 1000)
    headers = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "4000", "wsgi.input": body}
    request = FormRequest({**EnvironBuilder(method="POST").get_environ(), **headers})
    assert not request.form
    assert body.tell() == 0
