"""Everybody as they were at certain ages: by the photos that show them so alone."""

from __future__ import annotations

import itertools

import numpy as np

from niteru.indexer.ask.ages import Ages
from niteru.indexer.ask.persons import mean_of
from niteru.indexer.ask.published_people import PublishedPeople
from niteru.indexer.generations.generation import Generation


def people_at_ages(people: PublishedPeople, generation: Generation, ages: Ages) -> PublishedPeople:
    """Those who are shown at certain ages, each by the mean of the faces that show them so.

    How rare a likeness is stays measured on everybody by all of their photos, and so does how near strangers are to
    somebody.

    Args:
        people: everybody of the generation.
        generation: theirs.
        ages: of the photos.
    """
    wanted = np.isin(people.face_ids, ages.faces(generation))
    counts = np.diff(np.append(0, np.cumsum(wanted))[people.starts])
    kept, face_ids = np.flatnonzero(counts), people.face_ids[wanted]
    starts = np.append(0, np.cumsum(counts[kept]))
    faces = generation.vectors(face_ids) if len(face_ids) else np.empty((0, people.first.shape[1] - 2), np.float32)
    own = [faces[start:stop] for start, stop in itertools.pairwise(starts)]
    vectors = np.array([mean_of(some) for some in own], np.float32).reshape(len(kept), -1)
    agreement = [1.0 if len(some) == 1 else float((some @ v).mean()) for some, v in zip(own, vectors, strict=True)]
    ones, damped = np.ones(len(kept), np.float32), people.first[kept, -1]
    return PublishedPeople(
        people.generation,
        {person: row for row, person in enumerate(people.ids[kept].tolist())},
        people.ids[kept],
        np.ascontiguousarray(np.column_stack([vectors, ones, damped]), np.float32),
        np.ascontiguousarray(np.column_stack([vectors, damped, ones]), np.float32),
        starts,
        face_ids,
        people.measured,
        np.array(agreement, np.float32),
    )
