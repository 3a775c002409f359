"""Search for damaged pictures that crash the decoder, hang it, or make its memory grow.

``python -m bench.mutations [--pictures 50000]`` prints JSON, and exits with status 1 if a picture raised anything but a
PhotoError or took longer than two seconds, or if memory grew.
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
    """The decoder took longer than two seconds."""


def seeds() -> list[bytes]:
    """Encode a drawn face in every format and every mode that the format has."""
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


def mutated(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Damage a file: flip bits, cut out, double or overwrite bytes, cut off its end, or put another file's there."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        place, length = rng.randrange(len(damaged)), rng.choice((1, 2, 4, 32, 256))
        match rng.randrange(6):
            case 0:
                damaged[place] ^= 1 << rng.randrange(8)
            case 1:
                damaged[place : place + length] = rng.randbytes(length)
            case 2:
                del damaged[place : place + length]
            case 3:
                damaged[place:place] = damaged[place : place + length]
            case 4:
                damaged[place : place + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            case _:
                damaged[place:] = other[place:] if rng.random() < 0.5 else b""
        if not damaged:
            return b"\0"
    return bytes(damaged)


def _too_slow(*_: object) -> None:
    raise TooSlow


@click.command()
@click.option("--pictures", type=int, default=50_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(pictures: int, seed: int) -> None:
    """Damage pictures and decode them."""
    rng, outcomes, bad, slowest = random.Random(seed), Counter[str](), list[str](), 0.0
    kinds = seeds()
    signal.signal(signal.SIGALRM, _too_slow)
    start_mb = 0.0
    with progress_bar("decoding", pictures, "picture") as bar:
        for number in range(pictures):
            data = mutated(rng.choice(kinds), rng.choice(kinds), rng)
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
    counts = {"pictures": pictures, "seeds": len(kinds), "outcomes": dict(outcomes.most_common())}
    click.echo(json.dumps({**counts, "slowest_s": round(slowest, 3), "grown_mb": round(grown, 1), "bad": bad[:10]}))
    sys.exit(bool(bad) or slowest > SECONDS or grown > GROWTH_MB)


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    main()
