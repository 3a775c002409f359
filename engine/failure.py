"""Failures that a person can mend."""

from __future__ import annotations

import re
from typing import Any, ClassVar


class Failure(Exception):
    """Something went wrong that the reader of the message can mend; every failure of niteru's own is one.

    Attributes:
        slug: what kind it is, for programs: lower case with hyphens, stable, and the class's own name unless it says
            otherwise.

    Example:
        >>> class GalleryMissing(Failure):
        ...     "Nothing is there."
        >>> GalleryMissing.slug
        'gallery-missing'
    """

    slug: ClassVar[str] = "failure"

    def __init_subclass__(cls, **options: Any) -> None:
        """Derive the slug from the name of a class that does not give one."""
        super().__init_subclass__(**options)
        if "slug" not in vars(cls):
            cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
