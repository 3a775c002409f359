"""One list of names from what several files say in several forms."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine.photos.names.claim import Claim
from niteru.engine.photos.names.named import Fault, FaultKind, NamedRegion, NamesFound, Source
from niteru.engine.photos.names.relative_box import RelativeBox
from niteru.engine.photos.person_name import BadName, checked_name, is_nobody, name_key

SAME_FACE = 0.6
"""Overlap from which two boxes mean one face. Those of two people who hug, drawn widely, share a third."""
SAME_PERSON = 0.2
"""Overlap from which two boxes with one name are one: programs draw the same face in different sizes."""


@dataclass(slots=True)
class _Kept:
    claim: Claim
    name: str
    box: RelativeBox
    sources: list[Source]

    def __str__(self) -> str:
        return f"{self.name!r} ({self.claim.file}, {self.claim.source})"


def merged(claims: list[Claim], faults: list[Fault]) -> NamesFound:
    """Names in a photo, each once.

    Args:
        claims: what is said, the most trusted first.
        faults: those that are known; the new ones follow them.
    """
    kept, people, faults = list[_Kept](), dict[str, tuple[str, Source]](), [*faults]
    for claim in claims:
        try:
            name = checked_name(claim.name)
        except BadName as error:
            faults.append(Fault(FaultKind.BAD_NAME, f"{claim.file}: {error}: rename it there"))
            continue
        if is_nobody(name):
            what = f"{claim.file}: {name!r} was left out: programs write it for faces that nobody has named"
            faults.append(Fault(FaultKind.UNNAMED, what))
        elif claim.box is None:
            people.setdefault(name_key(name), (name, claim.source))
        else:
            _enter(kept, _Kept(claim, name, claim.box, [claim.source]), faults)
    for one in kept:
        people.pop(name_key(one.name), None)
    regions = tuple(NamedRegion(one.name, one.box, tuple(one.sources)) for one in kept)
    return NamesFound(regions, dict(people.values()), tuple(faults))


def _enter(kept: list[_Kept], new: _Kept, faults: list[Fault]) -> None:
    """Keep a name with its box unless it is there already, or contradicts one that is."""
    namesakes = [one for one in kept if name_key(one.name) == name_key(new.name)]
    same = next((one for one in namesakes if one.box.overlap(new.box) >= SAME_PERSON), None)
    if same is not None:
        same.sources.extend(source for source in new.sources if source not in same.sources)
        return
    rival = next((one for one in kept if one.box.overlap(new.box) >= SAME_FACE), None)
    elsewhere = next((one for one in namesakes if _list_of(one) != _list_of(new)), None)
    if rival is not None:
        what = f"one face is called both {rival} and {new}: {rival.name!r} was kept"
        faults.append(Fault(FaultKind.CONFLICT, what))
    elif elsewhere is not None:
        what = f"the boxes of {elsewhere} and {new} are in different places: the first was kept"
        faults.append(Fault(FaultKind.CONFLICT, what))
    else:
        kept.append(new)


def _list_of(one: _Kept) -> tuple[str, Source]:
    return one.claim.file, one.claim.source
