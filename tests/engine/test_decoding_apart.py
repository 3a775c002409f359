"""Decoding in processes: a picture that takes too long or crashes its decoder costs nobody else."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.hostile_pictures import HOSTILE, face, saved
from niteru.engine.photos.decode import decode
from niteru.engine.photos.decoding.apart import Decoders, Unwanted
from niteru.engine.photos.photo_error import CorruptImage, PhotoError, TooComplex
from support.waiting import soon

SLOW = "jpeg, 174 million pixels"


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    made = Decoders(seconds=30)
    yield made
    made.close()


BEFORE: set[int] = set()


@pytest.fixture(autouse=True)
def _others() -> None:
    """Decoders of other tests in this process are not these tests' business."""
    BEFORE.clear()
    BEFORE.update(children())


def children() -> list[int]:
    """The processes that decode for this one, but for those that did when the test began."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True
    ).stdout.splitlines()
    found = [int(line.split()[0]) for line in listed if "decoding.child" in line]
    return [child for child in found if child not in BEFORE]


def test_it_answers_as_decoding_here_does(decoders: Decoders) -> None:
    for kind in ("JPEG", "PNG", "GIF", "TIFF"):
        data = saved(face().convert("P" if kind == "GIF" else "RGB"), kind)
        assert np.array_equal(decoders.read_picture(data).pixels, decode(data))
    assert decoders.read_picture(saved(Image.new("RGB", (6000, 5000)), "JPEG")).scale == 2
    for data in (b"", b"no picture", saved(face(), "JPEG")[:400], saved(face(8), "PNG")):
        with pytest.raises(PhotoError) as apart:
            decoders.read_picture(data)
        with pytest.raises(PhotoError) as here:
            decode(data)
        assert (type(apart.value), str(apart.value)) == (type(here.value), str(here.value))
    assert len(children()) == 1, "one process answered all"


def test_a_picture_that_takes_too_long_is_ended() -> None:
    hasty = Decoders(seconds=0.1)
    hasty.warm_up()
    before = children()
    with pytest.raises(TooComplex, match=r"more than 0\.1 seconds"):
        hasty.read_picture(HOSTILE[SLOW]())
    after = children()
    assert len(after) == 1, "the next one finds a new process"
    assert after != before
    assert hasty.read_picture(saved(face(16), "BMP")).pixels.shape == (16, 16, 3)
    assert children() == after
    hasty.close()


def stopped(decoders: Decoders, with_signal: int, data: bytes, times: int = 1) -> None:
    """Decode a picture whose process is ended by a signal, as a crash or the system would."""

    def end() -> None:
        ended = set[int]()
        for _ in range(times):
            assert soon(lambda: set(children()) - ended)
            for child in set(children()) - ended:
                soon(lambda child=child: Path(f"/proc/{child}/stat").read_text().split()[2] == "R")
                os.kill(child, with_signal)
                ended.add(child)

    thread = threading.Thread(target=end)
    thread.start()
    try:
        decoders.read_picture(data)
    finally:
        thread.join()


def test_a_crash_is_the_pictures_fault(decoders: Decoders) -> None:
    decoders.warm_up()
    with pytest.raises(CorruptImage, match="crashes its decoder"):
        stopped(decoders, signal.SIGSEGV, HOSTILE[SLOW]())
    assert decoders.read_picture(saved(face(), "PNG")).scale == 1


def test_a_kill_may_be_anothers_fault(decoders: Decoders) -> None:
    decoders.warm_up()
    data = HOSTILE[SLOW]()
    stopped(decoders, signal.SIGKILL, data)
    with pytest.raises(TooComplex, match="lack of memory"):
        stopped(decoders, signal.SIGKILL, data, times=2)


def test_one_that_went_while_nobody_asked_is_not_missed(decoders: Decoders) -> None:
    decoders.warm_up()
    os.kill(children()[0], signal.SIGKILL)
    assert decoders.read_picture(saved(face(), "PNG")).pixels.shape == (96, 96, 3)


def test_none_of_several_that_went_is_asked(decoders: Decoders) -> None:
    with decoders._borrowed(), decoders._borrowed(), decoders._borrowed():
        pass
    gone = children()
    assert len(gone) == 3
    for child in gone:
        os.kill(child, signal.SIGKILL)
    assert soon(lambda: children() == [])
    assert decoders.read_picture(saved(face(), "PNG")).pixels.shape == (96, 96, 3)


def test_what_nobody_wants_any_more_is_not_decoded(decoders: Decoders) -> None:
    decoders.warm_up()
    before = children()
    with pytest.raises(Unwanted):
        decoders.read_picture(HOSTILE[SLOW](), lambda: False)
    assert not set(children()) & set(before)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to the limit of a process's memory")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """The limit is far below what numpy asks for here, and its error is a reason and not a crash."""
    code = (
        "import niteru.engine.photos.decoding.bounded as b; b.MOST_MEMORY = 50_000_000;"
        "from niteru.engine.photos.decode import decode; import sys, pathlib;\n"
        "with b.bounded(30): decode(pathlib.Path(sys.argv[1]))"
    )
    file = tmp_path / "large.png"
    file.write_bytes(saved(Image.new("RGB", (6000, 6000)), "PNG"))
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True)
    assert "TooComplex: decoding it takes more memory" in done.stderr


def test_a_process_that_decodes_itself_is_ended_by_the_system() -> None:
    """Workers of a run over many photos decode so: what ends one is asked again of a process of its own."""
    code = (
        "from niteru.engine.photos.decoding.bounded import bounded\n"
        "with bounded(30): print('in time', flush=True)\n"
        "with bounded(0.2):\n    while True: pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("in time\n", -signal.SIGPROF)


def test_processes_end_with_the_one_they_serve() -> None:
    code = (
        "import time; from niteru.engine.photos.decoding.apart import Decoders; d = Decoders(5); d.warm_up();"
        "print(d._idle[0]._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert Path(f"/proc/{child}").exists()
    parent.kill()
    parent.communicate()
    assert soon(lambda: not Path(f"/proc/{child}").exists())


def test_many_threads_share_them(decoders: Decoders) -> None:
    data = saved(face(), "PNG")
    shapes = []

    def ask() -> None:
        shapes.extend(decoders.read_picture(data).pixels.shape for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shapes == [(96, 96, 3)] * 15
    assert len(children()) <= 3
