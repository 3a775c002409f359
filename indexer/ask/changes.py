"""What has changed in a gallery: who came, who went, and who got how many photos more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from niteru.engine.failure import Failure
from niteru.indexer.catalog.history import Change, History, Moment

Since: TypeAlias = int | str | date | None
"""The number of a generation; a date or a time, ISO 8601 or ``today`` or ``yesterday``; None: the last generation."""
_EVER = datetime.fromtimestamp(0, UTC)
_DAYS = {"today": 0, "yesterday": 1}


class BadMoment(Failure):
    """A moment cannot be read, or no such generation was published."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a moment, as it adds up: who came and went again is not told.

    Attributes:
        since: when that was, with its zone; None for the beginning.
        generation: the one that was current then, if it was asked by its number or not at all.
        came, went: people who are new, with their number of photos; people who are gone.
        more, fewer: numbers of photos that were added to others and taken from them.
        named: people whom somebody gave photos by hand, by naming groups or faces, with the number of photos.
        renamed: people who lost all photos to another name by hand.
        forgotten: how many times somebody, or some photos, were forgotten; whom they showed is told nowhere.
        begun: since when the history is kept, where that is later than ``since``.

    Example:
        >>> changes = Changes(datetime(2026, 11, 29, 3, 4, tzinfo=UTC), 6, came={"Nora": 3}, went=["Ada"])
        >>> bool(changes), changes.to_dict()["came"]
        (True, {'Nora': 3})
    """

    since: datetime | None
    generation: int | None = None
    came: dict[str, int] = field(default_factory=dict)
    went: list[str] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    fewer: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    renamed: list[str] = field(default_factory=list)
    forgotten: int = 0
    begun: datetime | None = None

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        people = (self.came, self.went, self.more, self.fewer, self.named, self.renamed)
        return any(people) or self.forgotten > 0

    def to_dict(self) -> dict[str, Any]:
        """Dictionary for JSON."""
        return {
            "since": self.since and self.since.isoformat(timespec="seconds"),
            "generation": self.generation,
            "came": self.came,
            "went": self.went,
            "more": self.more,
            "fewer": self.fewer,
            "named": self.named,
            "renamed": self.renamed,
            "forgotten": self.forgotten,
            **({"begun": self.begun.isoformat(timespec="seconds")} if self.begun else {}),
        }


def changes(history: History, since: Since = None) -> Changes:
    """Add up what has changed since a moment.

    Args:
        history: of the gallery.
        since: the number of a generation, a date or a time; None for the generation before the current one.

    Raises:
        BadMoment: that is no moment, or no such generation was published.
    """
    moment, generation = _moment(history, since)
    begun = history.begun()
    return added_up(
        history.since(moment),
        since=moment.at if moment.at > _EVER else None,
        generation=generation,
        forgotten=len(history.forgettings(moment)),
        begun=begun if begun and begun > moment.at else None,
    )


def changes_by_day(history: History, since: Since = None) -> dict[date, Changes]:
    """Add up what has changed on each day, in this machine's time zone, the latest day first.

    Each one's ``since`` is the time of the day's last change.

    Args:
        history: of the gallery.
        since: as for :func:`changes`.

    Raises:
        BadMoment: as there.
    """
    moment, _ = _moment(history, since)
    changed, forgettings = defaultdict[date, list[Change]](list), defaultdict[date, list[datetime]](list)
    for change in history.since(moment):
        changed[change.at.astimezone().date()].append(change)
    for at in history.forgettings(moment):
        forgettings[at.astimezone().date()].append(at)
    days = sorted(changed.keys() | forgettings.keys(), reverse=True)
    last = {day: max([change.at for change in changed[day]] + forgettings[day]) for day in days}
    found = {day: added_up(changed[day], since=last[day], forgotten=len(forgettings[day])) for day in days}
    return {day: one for day, one in found.items() if one}


def added_up(
    noted: Iterable[Change],
    *,
    since: datetime | None,
    generation: int | None = None,
    forgotten: int = 0,
    begun: datetime | None = None,
) -> Changes:
    """Add up changes, in the order in which they were noted; the other arguments are attributes of the result."""
    of_person = defaultdict[str, list[Change]](list)
    for change in noted:
        of_person[change.person].append(change)
    found = Changes(since, generation, forgotten=forgotten, begun=begun)
    for person, theirs in sorted(of_person.items()):
        _add(found, person, theirs)
    return found


def _add(found: Changes, person: str, theirs: list[Change]) -> None:
    first, last = theirs[0], theirs[-1]
    if not first.before or not last.after:
        if last.after:
            (found.named if first.by_hand else found.came)[person] = last.after
        elif first.before:
            (found.renamed if last.by_hand else found.went).append(person)
        return
    by_hand = sum(one.after - one.before for one in theirs if one.by_hand)
    by_photos = sum(one.after - one.before for one in theirs if not one.by_hand)
    if by_hand > 0:
        found.named[person] = by_hand
    others = by_photos + min(by_hand, 0)
    if others > 0:
        found.more[person] = others
    elif others < 0:
        found.fewer[person] = -others


def _moment(history: History, since: Since) -> tuple[Moment, int | None]:
    """A moment, and the generation that was current then, where it is known."""
    if since is None:
        before = list(history.publications().items())[-2:-1]
        return (before[0][1], before[0][0]) if before else (history.moment(_EVER), None)
    if isinstance(since, int) or re.fullmatch("[0-9]+", since if isinstance(since, str) else ""):
        published = history.publications()
        if int(since) not in published:  # type: ignore[arg-type]
            raise BadMoment(f"no generation {since} was published here; the last one is {max(published, default=0)}")
        return published[int(since)], int(since)  # type: ignore[arg-type]
    return history.moment(_time(since)), None


def _time(since: str | date) -> datetime:
    """A time with its zone; one without is of this machine's, and a day begins at midnight."""
    if isinstance(since, str) and since in _DAYS:
        since = datetime.now().astimezone().date() - timedelta(days=_DAYS[since])
    try:
        when = datetime.fromisoformat(since) if isinstance(since, str) else since
        return (when if isinstance(when, datetime) else datetime.combine(when, time())).astimezone()
    except (ValueError, OverflowError, OSError):  # no clock goes back to the year 1
        raise BadMoment(
            f"{since} is no moment: give a date such as 2026-11-30, a time such as 2026-11-30T18:00, today, yesterday, "
            "or the number of a generation"
        ) from None
