"""Commands that are told to end: nothing is left of them, and nothing of their work is lost."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.command import NITERU, as_at_a_terminal, niteru
from support.drawings import draw_folder
from support.processes import kill
from support.waiting import PATIENCE_S, soon

PEOPLE, PHOTOS = 20, 2


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than one worker's batch."""
    folder = tmp_path_factory.mktemp("ending") / "photos"
    assert len(draw_folder(folder, PEOPLE, PHOTOS)) == PEOPLE * PHOTOS
    return folder


def living(session: int) -> list[str]:
    """The processes of a session."""
    done = subprocess.run(["ps", "-ww", "-o", "pid=,args=", "--sid", str(session)], capture_output=True, text=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("signals", "status"),
    [
        ([signal.SIGTERM], 143),
        ([signal.SIGHUP], 129),
        ([signal.SIGKILL], -9),
        ([signal.SIGINT], 130),
        ([signal.SIGINT, signal.SIGINT], None),
    ],
    ids=lambda value: "-".join(one.name for one in value) if isinstance(value, list) else None,
)
def test_nothing_is_left_of_a_run_that_is_ended(
    photos: Path, tmp_path: Path, signals: list[signal.Signals], status: int | None
) -> None:
    gallery = tmp_path / "gallery"
    words = [NITERU, "index", str(photos), "--gallery", str(gallery)]
    with (tmp_path / "log").open("wb") as log:
        run = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True, preexec_fn=as_at_a_terminal)
    # Workers, and the process that counts their semaphores.
    assert soon(lambda: len(living(run.pid)) > 2)
    for number in signals:
        # A terminal sends Ctrl-C to all of them; a service manager tells the first.
        (os.killpg if number == signal.SIGINT else os.kill)(run.pid, number)
        time.sleep(0.2)
    ended = run.wait(40)
    assert soon(lambda: living(run.pid) == []), living(run.pid)
    if status is not None:
        assert ended == status
    told = (tmp_path / "log").read_text()
    if signals != [signal.SIGKILL]:  # after which a worker that was just starting has its say
        assert "Traceback" not in told
    if status in (129, 130, 143):
        assert "run the same command again to go on from here" in told
    again = niteru("index", photos, "--gallery", gallery, "--json")
    assert again.returncode == 0, again.stderr
    assert f'"faces": {PEOPLE * PHOTOS},' in again.stdout


def in_the_background() -> None:
    """Prepare a new process as a shell without job control does one that ends with ``&``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_ctrl_c_is_not_for_a_run_in_the_background(photos: Path, tmp_path: Path) -> None:
    words = [NITERU, "index", str(photos), "--gallery", str(tmp_path / "gallery")]
    with (tmp_path / "log").open("wb") as log:
        run = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True, preexec_fn=in_the_background)
    assert soon(lambda: len(living(run.pid)) > 2)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(PATIENCE_S) == 0, (tmp_path / "log").read_text()
    assert f"{PEOPLE * PHOTOS} faces" in (tmp_path / "log").read_text()


def workers(run: int) -> list[int]:
    """The processes of a run that read photos: forks of the one process that imports what they need."""
    forks = [line for line in living(run) if "multiprocessing.forkserver" in line]
    return sorted(int(line.split()[0]) for line in forks)[1:]


def test_a_worker_that_is_killed_costs_no_photo(photos: Path, tmp_path: Path) -> None:
    words = [NITERU, "index", str(photos), "--gallery", str(tmp_path / "gallery"), "--json"]
    run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert soon(lambda: workers(run.pid))
    kill(workers(run.pid)[0])
    answer, told = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert f'"faces": {PEOPLE * PHOTOS},' in answer
    assert "a worker process was ended" in told


def test_workers_that_are_killed_again_are_one_sentence(photos: Path, tmp_path: Path) -> None:
    words = [NITERU, "index", str(photos), "--gallery", str(tmp_path / "gallery")]
    run = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    killed = set[int]()
    while run.poll() is None:
        for worker in set(workers(run.pid)) - killed:
            kill(worker)
            killed.add(worker)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "Traceback" not in told
    assert "worker process was killed" in told


def test_one_core_is_one_worker(photos: Path, tmp_path: Path) -> None:
    words = ["taskset", "-c", "0", NITERU, "index", str(photos), "--gallery", str(tmp_path / "gallery")]
    run = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    seen = set()
    while run.poll() is None:
        seen.add(len(workers(run.pid)))
        time.sleep(0.1)
    assert run.returncode == 0
    assert max(seen) == 1
