"""How a command ends when it is told to: Ctrl-C, and the signals of a service manager or a closed terminal."""

from __future__ import annotations

import os
import signal
from types import FrameType


class Ended(KeyboardInterrupt):
    """A signal asks the command to end.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def listen() -> None:
    """Let SIGTERM and SIGHUP unwind a command as Ctrl-C does, so that its workers end; a second one ends it at once."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it, and so do we
            signal.signal(number, _unwind)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _unwind(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Ended(number)


def _interrupt(number: int, _: FrameType | None) -> None:
    signal.signal(number, _leave)
    raise KeyboardInterrupt


def _leave(number: int, _: FrameType | None) -> None:
    # Unwinding takes too long for somebody. What is half done is taken up by the next run, and workers see us go.
    os._exit(128 + number)
