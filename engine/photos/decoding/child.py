"""The process that decodes pictures for another one, which can end it: ``python -m`` this, asked over its input.

A question is the picture's length in bytes, the seconds of processor time that it may take, and its bytes; an answer is
a line of JSON, and the pixels. Nothing of it is unpickled: this process reads what strangers send.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from niteru.engine.photos.decode import read_picture
from niteru.engine.photos.decoding.question import QUESTION
from niteru.engine.photos.photo_error import PhotoError

MOST_MEMORY = 2 * 2**30
"""Bytes of address space beyond what the process has when it starts."""


def main() -> None:
    """Answer until the input ends, which it does when the other process does."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # the other process handles them, and may finish this picture
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _bound_memory()
    Image.init()  # or the first picture would pay for what it takes to know its format
    with contextlib.suppress(BrokenPipeError):
        _tell(answers, {"ready": True})
        while head := questions.read(QUESTION.size):
            length, seconds = QUESTION.unpack(head)
            data = questions.read(length)
            if len(data) == length:
                _answer(data, seconds, answers)


def _answer(data: bytes, seconds: float, answers: BinaryIO) -> None:
    _end_after(seconds)
    try:
        picture = read_picture(data)
    except PhotoError as error:
        _tell(answers, {"error": type(error).__name__, "message": str(error)})
    else:
        _tell(answers, {"shape": picture.pixels.shape, "scale": picture.scale}, picture.pixels.data)
    finally:
        _end_after(0)


def _tell(answers: BinaryIO, head: dict[str, object], body: memoryview | bytes = b"") -> None:
    answers.write(json.dumps(head).encode() + b"\n")
    answers.write(body)
    answers.flush()


def _end_after(seconds: float) -> None:
    """Have the system end this process when it has used its processors so long; 0: never.

    The other process ends it, too, but may itself be gone by then.
    """
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # only Linux tells, and keeps to it
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY,) * 2)


if __name__ == "__main__":
    main()
