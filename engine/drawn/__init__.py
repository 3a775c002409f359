"""Drawn pictures of people who do not exist, whose boxes and landmarks are known exactly.

Everything follows from a seed, a person's number and a photo's number. Persons ``8k`` and ``8k + 1`` are siblings and
look alike; all others are unrelated.
"""

from niteru.engine.drawn.folder import write_people
from niteru.engine.drawn.identity import Person, person
from niteru.engine.drawn.photo import Drawing, draw

__all__ = ["Drawing", "Person", "draw", "person", "write_people"]
