"""Time from nothing running to the first answer to a photo, over the index of all photos."""

from __future__ import annotations

from collections.abc import Callable

from bench.beside.alone import Spent, in_turns, medians, run
from bench.beside.context import Bench, Rows
from bench.beside.environments import DEEPFACE, DEEPFACE_TENSORFLOW, FACE_RECOGNITION, NITERU, Environment
from bench.beside.works.index import BARE, MTCNN

LIBRARIES, BARE_ANSWER = "*Python and the libraries alone*", "*and decode, detect, embed, FAISS*"
MORE_TURNS = 3
"""Factor of the turns, because one turn takes only seconds."""


def measure(bench: Bench) -> Rows:
    """Measure the commands that answer one photo and end."""
    (photo,) = bench.asked(1)
    made = bench.work / "index"
    known = made / "face_recognition" / "known.pickle"
    commands: dict[str, tuple[list[str], Environment]] = {
        "niteru": (NITERU.command("similar", photo, "--gallery", made / "niteru" / "gallery", "--json"), NITERU),
        "face_recognition": (FACE_RECOGNITION.script("with_face_recognition", "first", known, photo), FACE_RECOGNITION),
    }
    commands[LIBRARIES] = (NITERU.script("bare", "libraries"), NITERU)
    commands[BARE_ANSWER] = (NITERU.script("bare", "first", made / BARE / "photos.faiss", photo), NITERU)
    for name, environment in (("DeepFace, opencv", DEEPFACE), (MTCNN, DEEPFACE_TENSORFLOW)):
        script = environment.script("with_deepface", "index", made / name / "photos", name.split(", ")[1], photo)
        commands[name] = (script, environment)

    def turn(command: list[str], environment: Environment) -> Callable[[int], Spent]:
        return lambda _: run(command, environment.variables())

    works = {name: turn(*what) for name, what in commands.items()}
    return {name: medians(turns) for name, turns in in_turns(bench.turns * MORE_TURNS, works, "starting").items()}
