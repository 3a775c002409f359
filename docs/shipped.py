"""Whose work the wheel holds and needs, and under which terms, as tables for ``docs/licences.md``.

The networks speak for themselves in their ``model.json``, the fonts in their own tables, the packages in their metadata
and in the licence texts that their wheels bring.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from fontTools.ttLib import TTFont
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
MODELS, FONTS = ROOT / "engine" / "models", ROOT / "serve" / "pictures" / "fonts"
FONT_LICENCES = {"DejaVu": "Bitstream Vera", "Noto": "SIL Open Font License 1.1"}
"""Licences of fonts by how their names begin; the text is in ``LICENSE-NAME.txt`` beside them."""
WIDTH = 120
"""Columns of a page."""
COPYRIGHT = 0
"""Number of a font's name that says whose it is."""
COPYLEFT = {
    "GPL": r"GNU GENERAL PUBLIC LICENSE",
    "LGPL": r"(?i)GNU LESSER GENERAL PUBLIC LICENSE|\bLGPL",
    "MPL": r"(?i)Mozilla Public License|\bMPL",
}
"""Copyleft licences, and what a text of them says."""


def weights() -> str:
    """The networks, what they learnt from, and their terms, as Markdown; those with most restrictions first."""
    models = [json.loads(file.read_text(encoding="utf-8")) for file in MODELS.glob("*/model.json")]
    rows = []
    for model in sorted(models, key=lambda model: ("non-commercial" not in model["licence"], model["name"])):
        name = model["name"]
        terms = f"**{name}** ([card](../engine/models/{name}/CARD.md)): {model['licence']}. It learnt from"
        rows.append(_filled(terms) + "\n\n" + "\n".join(_filled(f"- {one}", "  ") for one in model["training_data"]))
    return "\n\n".join(rows)


def fonts() -> str:
    """The fonts and their licences, as Markdown."""
    rows = ["| font | whose | licence |", "|---|---|---|"]
    for file in sorted([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")]):
        (family,) = (name for name in FONT_LICENCES if file.name.startswith(name))
        text = FONTS / f"LICENSE-{family}.txt"
        whose = " ".join(TTFont(file)["name"].getDebugName(COPYRIGHT).replace("All Rights Reserved.", "").split())
        link = text.relative_to(ROOT).as_posix()
        rows.append(f"| `{file.name}` | {whose} | [{FONT_LICENCES[family]}](../{link}) |")
    return "\n".join(rows)


def packages(name: str = "niteru-faces") -> str:
    """The packages that the base installation needs, and theirs, as Markdown; copyleft first."""
    needed = {found.name.lower().replace("_", "-"): found for found in _needed(name, set())}
    del needed[name]
    rows = ["| package | licence | copyleft in the texts that its wheel brings |", "|---|---|---|"]
    told = [(_bundled(found), package, _licence(found)) for package, found in needed.items()]
    for bundled, package, licence in sorted(told, key=lambda row: (not row[0], row[1])):
        rows.append(f"| {package} | {licence} | {', '.join(bundled)} |")
    return "\n".join(rows)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _needed(name: str, known: set[str]) -> Iterator[Distribution]:
    """A package and all that it needs on this system."""
    if name in known:
        return
    known.add(name)
    found = distribution(name)
    yield found
    for line in found.requires or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield from _needed(needed.name.lower().replace("_", "-"), known)


def _licence(package: Distribution) -> str:
    """Licence of a package, as its metadata says it: the expression, the classifiers, or the first words."""
    said = package.metadata
    classifiers = [line.split(" :: ")[-1] for line in said.get_all("Classifier", []) if line.startswith("License ::")]
    words = (said.get("License") or "").strip().split("\n")[0]
    return said.get("License-Expression") or ", ".join(classifiers) or words or "not said"


def _bundled(package: Distribution) -> list[str]:
    """Copyleft licences that a package's metadata or its licence texts name: wheels bring other libraries along."""
    texts = [_licence(package)]
    for file in package.files or []:
        if re.match(r"(LICEN[CS]E|COPYING|NOTICE)", file.name, re.IGNORECASE) and file.suffix in ("", ".txt", ".md"):
            texts.append(Path(str(file.locate())).read_text(encoding="utf-8", errors="replace"))
    return [name for name, pattern in COPYLEFT.items() if any(re.search(pattern, text) for text in texts)]
