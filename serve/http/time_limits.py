"""Times that clients of the service have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that clients have, however steadily their bytes drip.

    Attributes:
        idle: without a request, before the first and between two.
        head: to send the head of a request.
        body: to send the rest of it.
        answer: to take the answer, once it is made.
        silent: without a byte sent or taken, in the middle of a request or an answer.
        linger: to close their end of a connection that is over.
        ending: for the requests that are under way when the service is told to end.
    """

    idle: float = 10
    head: float = 10
    body: float = 60
    answer: float = 300
    silent: float = 10
    linger: float = 2
    ending: float = 10
