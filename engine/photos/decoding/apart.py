"""Decoding in processes that can be ended: a picture that takes too long, or crashes its decoder, costs nobody else.

They talk over pipes alone, and so need no shared memory, and end when this process does, whatever ended it. Pools built
on ``multiprocessing`` need semaphores in shared memory, and unpickle what a broken child sends.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import logging
import os
import signal
import subprocess
import weakref
from collections.abc import Callable, Iterator
from time import monotonic
from typing import IO, cast

import numpy as np

from niteru.engine.photos.decoding.bounded import SECONDS
from niteru.engine.photos.decoding.picture import Picture
from niteru.engine.photos.decoding.question import QUESTION
from niteru.engine.photos.decoding.watch import Watch
from niteru.engine.photos.photo_error import CorruptImage, PhotoError, TooComplex

log = logging.getLogger("niteru")
_BY_THE_CLOCK = 3
"""A picture may take so many times as long by the clock: others use the processors, too."""
_PATIENCE_S = 5.0
_AT_ONCE = 2**20
"""Bytes of a pipe: a photo of 590 pixels square goes through in one piece; in twenty, each waits for the other."""
_MODULE = "niteru.engine.photos.decoding.child"
_OUT_OF_TIME = getattr(signal, "SIGPROF", 0)
_CRASHES = {-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGSYS")} - {0}
_ERRORS = {kind.__name__: kind for kind in PhotoError.__subclasses__()}
_WATCH = Watch()


class Decoders:
    """Processes that decode pictures, for any number of threads.

    Args:
        seconds: of processor time for a picture.

    Example:
        >>> Decoders(seconds=2).read_picture(b"no picture at all")
        Traceback (most recent call last):
        ...
        niteru.engine.photos.photo_error.UnsupportedType: not a picture of a known type (JPEG, PNG, ...)
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._idle: list[_Process] = []

    def read_picture(self, data: bytes, is_wanted: Callable[[], bool] = lambda: True) -> Picture:
        """Decode a picture, as :func:`niteru.engine.photos.decode.read_picture` does.

        Args:
            data: the encoded bytes.
            is_wanted: asked several times a second whether to go on.

        Raises:
            Unwanted: it was not to go on.
            PhotoError: the picture cannot be used; :class:`TooComplex` if it took too long, :class:`CorruptImage` if it
                crashed its decoder.
        """
        try:
            with contextlib.suppress(_Lost):
                return self._ask(data, is_wanted)
            with contextlib.suppress(_Lost):  # it may have been another's doing
                return self._ask(data, is_wanted)
        except OSError as error:
            from niteru.engine.photos.decode import read_picture  # which the other process loads, and this one does not

            log.warning("pictures are decoded in this process: no other can be started (%s)", error)
            return read_picture(data)
        raise TooComplex("the system ended its decoding, perhaps for lack of memory")

    def warm_up(self) -> None:
        """Start a process before the first picture."""
        with contextlib.suppress(OSError, _Lost), self._borrowed():
            pass

    def close(self) -> None:
        """End the processes that are not at work."""
        while self._idle:
            self._idle.pop().end()

    def _ask(self, data: bytes, is_wanted: Callable[[], bool]) -> Picture:
        with self._borrowed() as process:
            return process.read_picture(data, self._seconds, is_wanted)

    def _waiting(self) -> _Process | None:
        """A process that waits for work, if any: the one that was used last, for the others may be swapped out."""
        with contextlib.suppress(IndexError):  # there is none, or no more
            while True:
                process = self._idle.pop()
                if process.lives():
                    return process
                process.end()
        return None

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[_Process]:
        process = self._waiting() or _Process()
        try:
            yield process
        except (PhotoError, Unwanted):
            if not process.is_ready:
                with contextlib.suppress(OSError, _Lost):  # who ended it waits for the next, and not who comes next
                    self._idle.append(_Process())
            raise
        finally:
            if process.is_ready:
                self._idle.append(process)
            else:
                process.end()


@functools.cache
def process_decoders() -> Decoders:
    """Decoders of this process for bulk work, started when first used and kept."""
    return Decoders(SECONDS)


class Unwanted(Exception):
    """Nobody wants the picture any more."""


class _Lost(Exception):
    """A process was ended from outside."""


class _Process:
    """A process that decodes one picture at a time.

    Attributes:
        is_ready: it can be asked.

    Raises:
        OSError: no process can be started.
        _Lost: something else ended it.
    """

    def __init__(self) -> None:
        from multiprocessing.spawn import get_executable

        self.is_ready = False
        self._process = subprocess.Popen(
            [os.fsdecode(get_executable() or ""), "-P", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # each thread takes address space
            process_group=0 if os.name == "posix" else None,  # Ctrl-C is for this process alone
        )
        assert self._process.stdin and self._process.stdout
        self._questions, self._answers = self._process.stdin, cast(io.BufferedReader, self._process.stdout)
        for pipe in (self._questions, self._answers):
            _widen(pipe)
        self.end = weakref.finalize(self, _end, self._process)
        if not self._answers.readline():
            status = self._process.wait()
            self.end()
            raise _Lost if status < 0 else OSError(f"{_MODULE} ended with status {status}")
        self.is_ready = True

    def lives(self) -> bool:
        """Whether nothing has ended the process."""
        return self._process.poll() is None

    def read_picture(self, data: bytes, seconds: float, is_wanted: Callable[[], bool]) -> Picture:
        """Have a picture decoded, and end the process if that takes too long, or if nobody wants it any more.

        Raises:
            PhotoError: the picture cannot be used, or ended the process.
            Unwanted: it was not wanted to the end.
            _Lost: something else ended the process.
        """
        self.is_ready = False
        judge = _Judge(self._process, seconds, is_wanted)
        with _WATCH.over(judge.look):
            try:
                return self._told(data, seconds)
            except (OSError, EOFError):
                raise judge.verdict or self._why(seconds) from None

    def _told(self, data: bytes, seconds: float) -> Picture:
        self._questions.write(QUESTION.pack(len(data), seconds))
        self._questions.write(data)
        self._questions.flush()
        line = self._answers.readline()
        if not line:
            raise EOFError
        answer = json.loads(line)
        if "error" in answer:
            self.is_ready = True
            raise _ERRORS[answer["error"]](answer["message"])
        pixels = np.empty(answer["shape"], np.uint8)
        if self._answers.readinto(pixels.data.cast("B")) < pixels.nbytes:
            raise EOFError
        self.is_ready = True
        return Picture(pixels, answer["scale"])

    def _why(self, seconds: float) -> Exception:
        """Why the process ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE_S)
        self.end()
        status = self._process.returncode
        if status == -_OUT_OF_TIME:
            return _too_slow(seconds)
        if status in _CRASHES or status > 1:
            return CorruptImage("damaged picture: it crashes its decoder")
        return _Lost()


class _Judge:
    """Ends a process at work when its time is up, or when its work is not wanted any more.

    Attributes:
        verdict: why it ended the process; None if it did not.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, is_wanted: Callable[[], bool]) -> None:
        self._process, self._seconds, self._is_wanted = process, seconds, is_wanted
        self._until = monotonic() + _BY_THE_CLOCK * seconds
        self.verdict: Exception | None = None

    def look(self) -> None:
        """End the process if there is a reason."""
        if self.verdict is not None:
            return  # the asker is about to find out
        if monotonic() > self._until:
            self.verdict = _too_slow(self._seconds)
        elif not self._is_wanted():
            self.verdict = Unwanted()
        if self.verdict is not None:
            self._process.kill()


def _widen(pipe: IO[bytes]) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):  # only Linux can, and an account may have too many
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _AT_ONCE)


def _too_slow(seconds: float) -> TooComplex:
    return TooComplex(f"decoding it takes more than {seconds:g} seconds")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that waits, is at work, or is already gone."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):  # what it was not told cannot be told any more
                pipe.close()
