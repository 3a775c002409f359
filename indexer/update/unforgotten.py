"""What a forgetting has left undone: an interruption, reports from before it, and unfinished copies."""

from __future__ import annotations

from niteru.indexer.gallery import Gallery
from niteru.indexer.update.copies_under_way import outdated_copies
from niteru.indexer.update.proof import finishing

REACH = "bring its folder back (or make the folder that it lay in, if it is gone for good)"
"""What to do about a report that is out of reach."""


def unforgotten(gallery: Gallery) -> list[str]:
    """Whatever may still show somebody who was forgotten, one line each with the next step; usually nothing."""
    catalog, again = gallery.catalog, finishing(gallery)
    problems = []
    if catalog.erasing():
        problems.append(f"a forgetting was interrupted, and bytes of the forgotten may be left: run {again}")
    left = gallery.reports.outdated(catalog.erasures())
    problems += [f"the report in {folder} shows somebody who was forgotten: run {again}" for folder in left.reports]
    problems += [
        f"the report in {folder} may show somebody who was forgotten, and is out of reach: {REACH}, then run {again}"
        for folder in left.out_of_reach
    ]
    return problems + left.untrusted + outdated_copies(gallery)
