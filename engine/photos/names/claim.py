"""A name as one file has it in one form, before it is compared with others."""

from __future__ import annotations

from dataclasses import dataclass

from niteru.engine.photos.names.named import Fault, FaultKind, Source
from niteru.engine.photos.names.relative_box import BadBox, RelativeBox
from niteru.engine.photos.person_name import tidy_name


@dataclass(frozen=True, slots=True)
class Claim:
    """What one file says of one person.

    Attributes:
        name: as it is written.
        box: in the upright picture; None where there is none that can be used.
        source: the form.
        file: path of the file, for sentences.
    """

    name: str
    box: RelativeBox | None
    source: Source
    file: str

    @classmethod
    def placed(
        cls, name: str, box: RelativeBox, orientation: int, source: Source, file: str, faults: list[Fault]
    ) -> Claim:
        """A claim with its box, in the stored picture, turned upright; without one, and a fault, if it is broken."""
        try:
            return cls(name, box.checked().turned(orientation), source, file)
        except BadBox as error:
            what = f"{file}: the box of {tidy_name(name)[:40]!r} was left out: {error}"
            faults.append(Fault(FaultKind.BAD_BOX, what))
            return cls(name, None, source, file)
