"""The base class of the errors that a user can mend."""

from __future__ import annotations

import re
from typing import Any, ClassVar


class Failure(Exception):
    """Something went wrong that the reader of the message can mend; all of niteru's own errors derive from it.

    Attributes:
        slug: stable name of the kind of failure, for programs: lower case with hyphens, made from the class's name
            unless the class sets its own.

    Example:
        >>> class GalleryMissing(Failure):
        ...     "There is no gallery in the folder."
        >>> GalleryMissing.slug
        'gallery-missing'
    """

    slug: ClassVar[str] = "failure"

    def __init_subclass__(cls, **options: Any) -> None:
        """Derive the slug from the class's name, unless the class sets one."""
        super().__init_subclass__(**options)
        if "slug" not in vars(cls):
            cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
