"""What mkdocs does besides: pages that lie elsewhere in the repository, and links that lead out of ``docs/``.

A page's links are those of the repository, so that they work where it is read as a file. On the site a link to one of
:data:`ELSEWHERE` leads to its page there, any other link out of ``docs/`` to the repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "CHANGES.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    **{
        card.relative_to(ROOT).as_posix(): f"cards/{card.parent.name}.md"
        for card in sorted((ROOT / "engine" / "models").glob("*/CARD.md"))
    },
}
"""Files of the repository and the pages that show them."""
_SOURCE = {page: file for file, page in ELSEWHERE.items()}
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")
"""Target of a Markdown link that is no URL and no part of the same page."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for file, page in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / file)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to pages of the site, or to the repository."""
    here = page.file.src_uri
    source = _SOURCE.get(here, f"docs/{here}")

    def on_the_site(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        wanted = ELSEWHERE.get(target) or target.removeprefix("docs/")
        if wanted == target:
            return f"{config.repo_url}/blob/main/{target}" if (ROOT / target).exists() else link[1]
        return posixpath.relpath(wanted, posixpath.dirname(here))

    return _LINK.sub(on_the_site, markdown)
