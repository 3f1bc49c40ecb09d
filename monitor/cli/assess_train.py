"""``rapport assess train``: make the shipped models from declared data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from monitor.cli.say import FAILED, WRONG, fail, say

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("../shared/data"),
    show_default=True,
    help="Folder of the labelled sets; docs/reference/assessment.md names them.",
)
@click.option(
    "--language",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    help="Only this language; may be given several times.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; compare to the bit with what is shipped."
)
def train(data: Path, languages: tuple[str, ...], check: bool) -> None:
    """Make the shipped models again, from the labelled sets and the written texts.

    For those who develop Rapport: it needs a checkout with its `training` folder, and NumPy. Each
    set is held out once, to calibrate and to measure; English takes some minutes.

    \b
    Examples:
      rapport assess train
      rapport assess train --language de --check
    """
    from monitor.assess.training.written import FOLDER

    if not FOLDER.is_dir():
        fail(f"no folder {FOLDER}: training works in a checkout of the sources only", WRONG)
    if find_spec("numpy") is None:
        fail("training needs NumPy: pip install numpy", WRONG)
    from monitor.assess.training.files import different, made, write

    changed = 0
    for language in languages or LANGUAGES:
        try:
            files = made(language, data, lambda line: click.echo(f"  {line}", err=True))
        except FileNotFoundError as error:
            fail(f"{error.filename} is missing: --data names the folder of the sets", WRONG)
        except ValueError as error:
            fail(str(error), WRONG)
        if not check:
            write(files)
        for path in different(files):
            changed += 1
            say(f"{path.name}: differs from what is shipped")
        for path, text in files.items():
            say(f"{path.name}: {len(text):,} bytes{'' if check else ', written'}")
    if changed:
        fail(f"{changed} file{'s' if changed > 1 else ''} would be made differently", FAILED)
