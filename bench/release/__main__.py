"""Whether what is here can be published: ``make release-check``; two minutes.

The versions agree; the wheel is the same by way of the source distribution; metadata, files and licences are as the
package index wants them; the site can be built, and docs/licences.md is up to date; the wheel runs the demo in an empty
environment, whose bill of materials is written into build/release/. The first check that fails ends it with status 1.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.release.distributions import build, check
from bench.release.failed import CheckFailed, run
from bench.release.installed import install, try_demo, write_bill
from bench.release.versions import UNRELEASED, agreed, newest

REPOSITORY = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=REPOSITORY / "build" / "release",
    help="Folder for source, wheel and bill of materials.  [default: build/release]",
)
def main(out: Path) -> None:
    r"""Check what would be published.

    \b
    python -m bench.release
    python -m bench.release --out /tmp/release
    """
    try:
        _check_all(out.resolve())
    except CheckFailed as error:
        sys.exit(f"not ready: {error}")


def _check_all(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with _told("version"):
        version = agreed(REPOSITORY)
    with _told("licences and site"):
        cog = [_BIN / "cog", "-I", "docs", "--check", "docs/licences.md"]
        run([*cog, "--check-fail-msg=make docs writes it anew; read what has changed"], REPOSITORY)
        run([_BIN / "mkdocs", "build", "--strict", "--quiet"], REPOSITORY)
    with _told("source and wheel"):
        source, wheel = build(REPOSITORY, out)
        check(REPOSITORY, source, wheel)
    with TemporaryDirectory(prefix="niteru-release-") as work:
        with _told("installation"):
            binaries = install(wheel, Path(work) / "environment")
        with _told("bill of materials"):
            components = write_bill(REPOSITORY, binaries, out / f"niteru-faces-{version}.cdx.json")
        with _told("demo"):
            try_demo(binaries, version, Path(work))
    click.echo(f"{version}: {source.name}, {wheel.name}, and a bill of {components} components lie in {out}")
    if newest(REPOSITORY)[1] == UNRELEASED:
        click.echo(f"CHANGES.md calls {version} unreleased: give it its date before it is published")


@contextmanager
def _told(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    click.echo(f"{time.perf_counter() - start:6.1f} s  {what}")


if __name__ == "__main__":
    main()
