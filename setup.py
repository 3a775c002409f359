"""Where the packages lie: the four wings are folders of the repository's root and sub-packages of ``niteru``.

All else stands in ``pyproject.toml``, which cannot say that ``find_packages`` should put a prefix before what it finds.
The links ``niteru/engine`` and so on show the same to what reads sources and follows no import hook: mypy, editors, the
site. A wheel is made without them, so that a checkout whose links are lost (on Windows) still installs.
"""

from setuptools import find_packages, setup

WINGS = ("engine", "indexer", "serve", "scripts")


def with_rooms(wing: str) -> list[str]:
    """A wing and the packages inside it, as they are imported."""
    return [f"niteru.{wing}", *(f"niteru.{wing}.{room}" for room in find_packages(wing))]


setup(
    packages=["niteru", *(package for wing in WINGS for package in with_rooms(wing))],
    package_dir={f"niteru.{wing}": wing for wing in WINGS},
)
