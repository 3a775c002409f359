"""Lists in parts: ``offset`` and ``limit``, ``total`` in the answer, and a ``Link`` to the next part and the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from flask import request
from marshmallow import Schema, post_load

from niteru.serve.http.parameter_fields import conditions, whole_number

MOST_LISTED = 999_999_999
Item = TypeVar("Item")
Listed: TypeAlias = tuple[dict[str, Any], dict[str, str]]
"""Answer with a list, and its headers."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Part of a list: how many to pass over, and how many there are at most; None for all."""

    offset: int
    limit: int | None

    def part(self, everything: Sequence[Item]) -> Sequence[Item]:
        """The part that is asked for."""
        return everything[self.offset : None if self.limit is None else self.offset + self.limit]

    def links(self, total: int) -> dict[str, str]:
        """Header ``Link`` (RFC 8288) to the parts before and after this one, where there are any."""
        if not self.limit:
            return {}
        found = [_link(self.offset + self.limit, "next")] if self.offset + self.limit < total else []
        found += [_link(max(self.offset - self.limit, 0), "prev")] if self.offset else []
        return {"Link": ", ".join(found)} if found else {}


@dataclass(frozen=True, slots=True)
class ListParameters(Paging):
    """Part of a list of those who meet conditions."""

    where: tuple[str, ...] = ()


class PagingSchema(Schema):
    """Parameters of every list."""

    offset = whole_number("offset", 0, MOST_LISTED, 0, "Number of entries to pass over.")
    limit = whole_number("limit", 0, MOST_LISTED, None, "Number of entries at most; all unless it is given.")

    @post_load
    def paging(self, loaded: dict[str, Any], **_: object) -> Paging:
        """Turn the validated values into an object."""
        return Paging(**loaded)


class ListSchema(PagingSchema):
    """Parameters of a list of those who meet conditions."""

    where = conditions()

    @post_load
    def paging(self, loaded: dict[str, Any], **_: object) -> Paging:
        """Turn the validated values into an object."""
        return ListParameters(**{**loaded, "where": tuple(loaded["where"])})


def _link(offset: int, relation: str) -> str:
    parameters = {**request.args.to_dict(flat=False), "offset": offset}
    return f'<{quote(request.root_path + request.path)}?{urlencode(parameters, doseq=True)}>; rel="{relation}"'
