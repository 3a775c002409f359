"""Tens of thousands of damaged pictures through the decoder: does any crash it, hang it, or make it grow?

``python -m bench.mutations [--pictures 50000]``: JSON; exit status 1 if one raised anything but a PhotoError, took
longer than two seconds, or if memory grew.
"""

from __future__ import annotations

import io
import json
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

import click
import cv2
from PIL import Image

from niteru.engine.drawn import draw, person
from niteru.engine.photos.decode import decode
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.work.progress import progress_bar

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
MODES = ("RGB", "L", "CMYK", "P", "RGBA", "I;16")
SECONDS = 2
GROWTH_MB = 64


class TooSlow(Exception):
    """Two seconds were not enough."""


def seeds() -> list[bytes]:
    """A drawn face in every format and mode that goes together."""
    face = Image.fromarray(cv2.resize(draw(person(0), 0).image, (96, 96)))
    found = []
    for mode in MODES:
        picture = face.convert("I;16") if mode == "I;16" else face.convert(mode)
        for kind in FORMATS:
            data = io.BytesIO()
            try:
                picture.save(data, kind)
            except (OSError, ValueError):  # not every format has every mode
                continue
            found.append(data.getvalue())
    return found


def mutated(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Bits flipped, bytes cut out, doubled, overwritten, the end gone, or the head of one picture on another."""
    damaged = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        place, length = dice.randrange(len(damaged)), dice.choice((1, 2, 4, 32, 256))
        match dice.randrange(6):
            case 0:
                damaged[place] ^= 1 << dice.randrange(8)
            case 1:
                damaged[place : place + length] = dice.randbytes(length)
            case 2:
                del damaged[place : place + length]
            case 3:
                damaged[place:place] = damaged[place : place + length]
            case 4:
                damaged[place : place + 4] = dice.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            case _:
                damaged[place:] = other[place:] if dice.random() < 0.5 else b""
        if not damaged:
            return b"\0"
    return bytes(damaged)


def _too_slow(*_: object) -> None:
    raise TooSlow


@click.command()
@click.option("--pictures", type=int, default=50_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(pictures: int, seed: int) -> None:
    """Damage and decode."""
    dice, outcomes, bad, slowest = random.Random(seed), Counter[str](), list[str](), 0.0
    kinds = seeds()
    signal.signal(signal.SIGALRM, _too_slow)
    start_mb = 0.0
    with progress_bar("decoding", pictures, "picture") as bar:
        for number in range(pictures):
            data = mutated(dice.choice(kinds), dice.choice(kinds), dice)
            start = perf_counter()
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            try:
                decode(data)
                outcomes["decoded"] += 1
            except PhotoError as error:
                outcomes[error.slug] += 1
            except Exception as error:
                outcomes["unexpected"] += 1
                bad.append(f"picture {number}: {error!r}")
            signal.setitimer(signal.ITIMER_REAL, 0)
            slowest = max(slowest, perf_counter() - start)
            if number == pictures // 10:
                start_mb = _resident_mb()
            bar.update()
    grown = _resident_mb() - start_mb
    figures = {"pictures": pictures, "seeds": len(kinds), "outcomes": dict(outcomes.most_common())}
    click.echo(json.dumps({**figures, "slowest_s": round(slowest, 3), "grown_mb": round(grown, 1), "bad": bad[:10]}))
    sys.exit(bool(bad) or slowest > SECONDS or grown > GROWTH_MB)


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    main()
