"""``niteru demo``: everything from nothing, on drawn people."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from niteru.engine.drawn import person
from niteru.engine.photos.faces_folder import list_photos
from niteru.indexer.ask.live_gallery import LiveGallery
from niteru.indexer.gallery import Gallery
from niteru.indexer.update.enrol import update
from niteru.scripts.common import plain_errors
from niteru.scripts.draw import draw_people
from niteru.scripts.index import tell as tell_summary
from niteru.scripts.similar import answer_for
from niteru.scripts.similar import tell as tell_answer
from niteru.serve.report.report import write_report


@click.command("demo")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True)
@click.option("--people", type=click.IntRange(2, 64), default=40, show_default=True)
@click.option("--photos", type=click.IntRange(1, 100), default=12, show_default=True, help="Photos a person.")
@plain_errors
def command(folder: Path, people: int, photos: int) -> None:
    """Draw people who do not exist, index them, ask one question and write the report."""
    faces, gallery, report = folder / "photos", folder / "gallery", folder / "report"
    click.echo(f"1. drawing {people} people who do not exist, {photos} photos each, into {faces}")
    draw_people(faces, people, photos)
    click.echo(f"2. finding and indexing their faces into {gallery}")
    tell_summary(update(gallery, faces), str(gallery))
    # The first two drawn people are siblings: there is somebody to be found.
    photo = next(found.ref for found in list_photos(faces).photos if found.person == person(0).name)
    click.echo(f"3. who looks like {photo}?")
    tell_answer(answer_for(LiveGallery(gallery), photo, k=5))
    click.echo("4. who looks like whom, over everybody")
    with closing(Gallery(gallery)) as opened:
        page = write_report(opened, report)
    click.echo(f"\nthe report:  {page.resolve()}")
    click.echo(f"the page:    make serve GALLERY={gallery}, then http://127.0.0.1:8000/")
    click.echo("your photos: make index FACES=folder-of-people")
