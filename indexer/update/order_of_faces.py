"""Order in which the catalogue lists the faces of a photo: the main one first, which has the label by default.

Galleries made before list the largest first. Their photos of several faces are read again, once.
"""

from __future__ import annotations

from niteru.engine.faces.main_face import VERSION
from niteru.indexer.catalog.catalog import Catalog

_CHOSEN_BY = "main_face"
"""Setting: version of the choice of the main face by which all photos were read."""


def in_another_order(catalog: Catalog) -> frozenset[str]:
    """Paths of the photos and videos whose main face was chosen in another way, or not at all."""
    if catalog.queries.setting(_CHOSEN_BY) == VERSION:
        return frozenset()
    return frozenset(catalog.queries.photos_of_several_faces())


def record_order(catalog: Catalog) -> None:
    """Record that all photos at hand were read with today's choice."""
    if catalog.queries.setting(_CHOSEN_BY) != VERSION:
        with catalog.transaction():
            catalog.set_setting(_CHOSEN_BY, VERSION)
