"""``niteru demo``: everything on drawn people, from photos to a report."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from shlex import quote
from shutil import which

import click

from niteru.engine.drawn import person
from niteru.engine.photos.faces_folder import list_photos
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.ask.lookalike import Wish
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.scripts.common import plain_errors
from niteru.scripts.draw import draw_people
from niteru.scripts.index import print_summary
from niteru.scripts.similar import answer_for, print_answer
from niteru.serve.report.report import write_report


@click.command("demo")
@click.option(
    "--folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder to write photos, gallery and report to.",
)
@click.option(
    "--people", metavar="N", type=click.IntRange(2, 64), default=40, show_default=True, help="Number of people to draw."
)
@click.option(
    "--photos", metavar="N", type=click.IntRange(1, 100), default=12, show_default=True, help="Photos per person."
)
@plain_errors
def command(folder: Path, people: int, photos: int) -> None:
    """Try everything on drawn people who do not exist.

    The demo draws photos, indexes their faces, asks who looks like one of them, and writes a report. Run again, it
    goes on with what is already there.

    \b
    Examples:
      niteru demo
      niteru demo --people 20 --folder /tmp/demo
    """
    faces, gallery, report = folder / "photos", folder / "gallery", folder / "report"
    click.echo(f"1. drawing {people} people who do not exist, with {photos} photos each, into {faces}")
    draw_people(faces, people, photos)
    click.echo(f"2. finding and indexing their faces into {gallery}")
    print_summary(update(gallery, faces), str(gallery))
    # The first two drawn people are siblings: there is somebody to be found.
    photo = next(found.ref for found in list_photos(faces).photos if found.person == person(0).name)
    click.echo(f"3. who looks like {photo}?")
    print_answer(answer_for(LiveGallery(gallery), photo, Wish(k=5)))
    click.echo(f"4. writing who looks like whom, over everybody, into {report}")
    with closing(Gallery(gallery)) as opened:
        page = write_report(opened, report)
    # Started by make, the command is in an environment that is not on the PATH.
    niteru = "niteru" if which("niteru") else quote(sys.argv[0])
    click.echo("\nNext:")
    click.echo(f"  open the report             {page.resolve()}")
    click.echo(
        f"  search on a web page        {niteru} serve --gallery {quote(str(gallery))} --report {quote(str(report))}"
    )
    click.echo(f"  index your own photos       {niteru} index photos/    (one folder per person)")
