"""What people say by hand, carried out at once: names, groups, faces set aside, and a step taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from niteru.engine.embedding.embedder import ModelInfo
from niteru.engine.failure import Failure
from niteru.engine.photos.person_name import BadName, checked_name, group_number, is_nobody, name_key
from niteru.indexer.catalog.catalog import Catalog
from niteru.indexer.catalog.suppression import SuppressionList
from niteru.indexer.catalog.verdicts import VerdictKind
from niteru.indexer.lives.told import Told
from niteru.indexer.naming.labels import settle_labels
from niteru.indexer.naming.regrouping import new_group
from niteru.indexer.naming.whom import whom

NOTHING = Told()


class NothingToTakeBack(Failure):
    """Nothing was said by hand that could be taken back."""


@dataclass(frozen=True, slots=True)
class Word:
    """What was said by hand.

    Attributes:
        faces: number of faces that it was said of.
        name: whose they are now; empty where they are nobody's, or where something was taken back.
    """

    faces: int
    name: str = ""


class ByHand:
    """A catalogue whose labels somebody decides. Every method must run in a transaction, and is a step of its own.

    Those who are meant are names, numbers of groups, or ``face:ID``, see :func:`niteru.indexer.naming.whom.whom`, which
    also says what is raised if they are not there.

    Args:
        catalog: opened for writing.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def name(self, who: Iterable[str], called: str, told: Told = NOTHING) -> Word:
        """Give a name to people, groups and faces; those who had different ones are one person then.

        Args:
            who: those who are meant.
            called: the name, new or somebody's; or that of a group, which they join without a name.
            told: what is told of the person at once.

        Raises:
            BadName: it cannot be a person's, or something is told of a group.
            BadFact: what is told cannot be so.
        """
        name = self._as_kept(called)
        meant = whom(self._catalog, who)
        step, faces = self._catalog.verdicts.next_step(), meant.all_faces(self._catalog.queries)
        spoken_of = faces
        if group_number(name) is None:
            SuppressionList(self._catalog).lift([name], [])
            # The folders of whole people go on as theirs; only of the others each face has to be remembered.
            for old in meant.people:
                if name_key(old) != name_key(name):
                    self._catalog.verdicts.rename(step, old, name)
            spoken_of = meant.faces_without_people(self._catalog.queries)
            self._catalog.facts.put(step, name, told.facts())
        elif told:
            raise _nameless(name)
        self._catalog.verdicts.give(step, spoken_of, VerdictKind.PERSON, name)
        if meant.groups and self._catalog.queries.known_name(name) is None:
            # The group's own id goes on, so that what is published stays true.
            ids = {known: person for person, known in self._catalog.labels.names().items()}
            self._catalog.labels.rename(ids[meant.groups[0]], name)
        self._label(faces, self._catalog.labels.id_of(name))
        return Word(len(faces), name)

    def tell(self, who: Iterable[str], told: Told) -> Word:
        """Tell something of people; it counts more than a table.

        Args:
            who: those who are meant, who must have names.
            told: what is told of each.

        Raises:
            BadName: one of those who are meant has no name.
            BadFact: what is told cannot be so.
        """
        meant = whom(self._catalog, who)
        for group in meant.groups:
            raise _nameless(group)
        for face in meant.faces:
            raise BadName(f"face:{face} is a face, and this is told of people: say the person's name")
        step = self._catalog.verdicts.next_step()
        for person in meant.people:
            self._catalog.facts.put(step, person, told.facts())
        return Word(len(meant.all_faces(self._catalog.queries)), ", ".join(meant.people))

    def split(self, who: Iterable[str]) -> Word:
        """Put faces into a new group, which is never joined with the one they were in."""
        faces = whom(self._catalog, who).all_faces(self._catalog.queries)
        name, step = new_group(self._catalog), self._catalog.verdicts.next_step()
        stay = self._left_behind(faces)
        self._catalog.verdicts.give(step, faces, VerdictKind.PERSON, name)
        for group, others in stay.items():
            self._catalog.verdicts.give(step, others, VerdictKind.PERSON, group)
        self._label(faces, self._catalog.labels.id_of(name))
        return Word(len(faces), name)

    def set_aside(self, who: Iterable[str], kind: VerdictKind) -> Word:
        """Say that faces are nobody's, or no faces: they are searched no more.

        Args:
            who: those who are meant.
            kind: ``NOBODY`` or ``NO_FACE``.
        """
        faces = whom(self._catalog, who).all_faces(self._catalog.queries)
        self._catalog.verdicts.give(self._catalog.verdicts.next_step(), faces, kind)
        self._label(faces, None)
        return Word(len(faces))

    def take_back(self, model: ModelInfo) -> Word:
        """Take back the last step; groups have their faces and numbers again.

        Args:
            model: whose vectors the faces have.

        Raises:
            NothingToTakeBack: there is no step.
        """
        before = self._catalog.verdicts.take_back()
        if before is None:
            raise NothingToTakeBack("nothing was named by hand that could be taken back")
        labels = self._catalog.labels
        labels.put({face: labels.id_of(name) if name else None for face, name in before.items()})
        settle_labels(self._catalog, model)
        return Word(len(before))

    def _as_kept(self, called: str) -> str:
        name = checked_name(called)
        known = self._catalog.queries.known_name(name)
        if is_nobody(name) and (known is None or group_number(known) is None):
            raise BadName(f"{name!r} means nobody, and cannot be anybody's name")
        return known or name

    def _left_behind(self, faces: list[int]) -> dict[str, list[int]]:
        """The other faces of the groups that some faces are taken out of, by the group's name."""
        queries = self._catalog.queries
        groups = {face.person for face in queries.faces(faces).values() if face.person and group_number(face.person)}
        taken = set(faces)
        return {
            group: [face.id for face in queries.faces_of_person(group) if face.id not in taken]
            for group in sorted(groups)
        }

    def _label(self, faces: list[int], person: int | None) -> None:
        self._catalog.labels.put(dict.fromkeys(faces, person))
        self._catalog.labels.drop_empty_people()


def _nameless(group: str) -> BadName:
    number = group_number(group)
    return BadName(f"{group} has no name yet, and this is told of people: niteru name {number} NAME says who it is")
