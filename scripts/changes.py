"""``niteru changes``: tell who came, who went, and who has more photos."""

from __future__ import annotations

from contextlib import closing
from typing import Literal, get_args

import click

from niteru.indexer.ask.changes import changes, changes_by_day
from niteru.indexer.ask.rarity_in_words import LANGUAGES, Language
from niteru.indexer.gallery import Gallery
from niteru.scripts.common import gallery_option, json_option, plain_errors, print_json
from niteru.serve.changes.formats import as_feed, as_markdown, as_text

Format = Literal["text", "markdown", "atom"]
SHOWN = 100


@click.command("changes")
@gallery_option
@click.option(
    "--since",
    metavar="WHEN",
    help="A date such as 2026-11-30, a time such as 2026-11-30T18:00, today, yesterday, or the number of a generation; "
    "since the generation before the current one by default.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="What is written; a feed has an entry for each day.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of what is written."
)
@json_option
@plain_errors
def command(gallery: str, since: str | None, format_: Format, language: Language, as_json: bool) -> None:
    """Tell who came, who went, and who has more photos.

    What has changed is added up: who came and went again is not told. Whoever was forgotten is never named. Who looks
    like whom newly is in the report: `niteru report --since GENERATION`.

    \b
    Examples:
      niteru changes
      niteru changes --since yesterday
      niteru changes --since 12 --format markdown
      niteru changes --since 2026-11-01 --format atom > changes.atom
      niteru changes --since 2026-11-01 --json
    """
    with closing(Gallery(gallery)) as opened:
        history = opened.catalog.history
        if as_json:
            print_json(changes(history, since).to_dict())
        elif format_ == "atom":
            feed = as_feed(changes_by_day(history, since), opened.catalog.gallery_id, language)
            click.echo(feed)
        elif format_ == "markdown":
            click.echo(as_markdown(changes(history, since), language))
        else:
            click.echo(as_text(changes(history, since), language, SHOWN))
