"""Who looks like whom: a look-alike search engine for folders of labelled face photos.

Example:
    >>> import niteru
    >>> gallery = niteru.Gallery("gallery")
    >>> gallery.index("photos/")                                    # doctest: +SKIP
    >>> for match in gallery.similar("me.jpg", k=5):                # doctest: +SKIP
    ...     print(match.person, match.similarity, match.rarity)
"""

from niteru.engine.failure import Failure
from niteru.gallery import Gallery
from niteru.results import Group, Match, Person

__version__ = "0.2.0"
__all__ = ["Failure", "Gallery", "Group", "Match", "Person", "__version__"]
