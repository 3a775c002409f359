"""Search for damaged and hostile pictures that crash the decoder, hold it up, or make memory grow.

``python -m bench.mutations [--pictures 50000]`` prints JSON, and exits with status 1 if a picture raised anything but a
PhotoError, ended its process, or took longer than two seconds of processor time, or if the process's memory grew. Nine
in ten are damaged pictures of ten formats, the others damaged hostile ones (:mod:`bench.hostile_pictures`).
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from time import perf_counter

import click

from bench.hostile_pictures import HOSTILE, face, heif, saved
from niteru.engine.photos.decoding.apart import Decoders
from niteru.engine.photos.photo_error import PhotoError
from niteru.engine.work.progress import progress_bar

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "MPO")
MODES = ("RGB", "L", "CMYK", "P", "RGBA", "I;16", "F", "1", "LA")
SECONDS = 2.0
GROWTH_MB = 64
_ENDED = {"decoding it takes more than": "too slow", "crashes its decoder": "crashed", "lack of memory": "lost"}
BAD = ("unexpected", *_ENDED.values())


def seeds() -> list[bytes]:
    """Encode a drawn face in ten formats, in every mode that each has."""
    found = [heif(face()), saved(face(), "JPEG", progressive=True), saved(face(), "TIFF", compression="tiff_lzw")]
    for mode in MODES:
        picture = face().convert("L").convert(mode) if mode in ("I;16", "F") else face().convert(mode)
        for kind in FORMATS:
            try:
                found.append(saved(picture, kind))
            except (OSError, ValueError):  # not every format has every mode
                continue
    return found


@cache
def hostile(name: str) -> bytes:
    """A hostile picture, of at most two megabytes: what is damaged is its beginning."""
    return HOSTILE[name]()[:2_000_000]


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


def _outcome(decoders: Decoders, data: bytes) -> str:
    try:
        decoders.read_picture(data)
    except PhotoError as error:
        return next((name for told, name in _ENDED.items() if told in str(error)), error.slug)
    except Exception:
        return "unexpected"
    return "decoded"


@click.command()
@click.option("--pictures", type=int, default=50_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(pictures: int, seed: int) -> None:
    """Damage pictures and decode them."""
    rng, outcomes, bad, slowest = random.Random(seed), Counter[str](), list[str](), 0.0
    kinds, names, decoders = seeds(), sorted(HOSTILE), Decoders(SECONDS)
    start_mb = 0.0
    with progress_bar("decoding", pictures, "picture") as bar:
        for number in range(pictures):
            name = rng.choice(names) if number % 10 == 0 else None
            data = mutated(hostile(name) if name else rng.choice(kinds), rng.choice(kinds), rng)
            start = perf_counter()
            outcome = _outcome(decoders, data)
            slowest = max(slowest, perf_counter() - start)
            outcomes[outcome] += 1
            if outcome in BAD:
                bad.append(f"picture {number}, {name or 'damaged'}: {outcome}")
            if number == pictures // 10:
                start_mb = _resident_mb()
            bar.update()
    grown = _resident_mb() - start_mb
    counts = {"pictures": pictures, "seeds": len(kinds), "outcomes": dict(outcomes.most_common())}
    click.echo(json.dumps({**counts, "slowest_s": round(slowest, 3), "grown_mb": round(grown, 1), "bad": bad[:10]}))
    sys.exit(bool(bad) or grown > GROWTH_MB)


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    main()
