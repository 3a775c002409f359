"""The process that decodes pictures for another one, which can end it: ``python -m`` this, asked over its input.

A question is the picture's length in bytes, the seconds of processor time that it may take, and its bytes; an answer is
a line of JSON, and the pixels. Nothing of it is unpickled: this process reads what strangers send.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from typing import BinaryIO

from PIL import Image

from niteru.engine.photos.decode import read_picture
from niteru.engine.photos.decoding.bounded import bounded
from niteru.engine.photos.decoding.question import QUESTION
from niteru.engine.photos.photo_error import PhotoError


def main() -> None:
    """Answer until the input ends, which it does when the other process does."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the other process handles them, and may finish this picture
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    Image.init()  # or the first picture would pay for what it takes to know its format
    with contextlib.suppress(BrokenPipeError):
        _tell(answers, {"ready": True})
        while head := questions.read(QUESTION.size):
            length, seconds = QUESTION.unpack(head)
            data = questions.read(length)
            if len(data) == length:
                _answer(data, seconds, answers)


def _answer(data: bytes, seconds: float, answers: BinaryIO) -> None:
    # The other process ends this one in time, too, but may itself be gone by then.
    try:
        with bounded(seconds):
            picture = read_picture(data)
    except PhotoError as error:
        _tell(answers, {"error": type(error).__name__, "message": str(error)})
    else:
        _tell(answers, {"shape": picture.pixels.shape, "scale": picture.scale}, picture.pixels.data)


def _tell(answers: BinaryIO, head: dict[str, object], body: memoryview | bytes = b"") -> None:
    answers.write(json.dumps(head).encode() + b"\n")
    answers.write(body)
    answers.flush()


if __name__ == "__main__":
    main()
