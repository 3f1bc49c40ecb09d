"""``rapport demo``: the demo platform alone."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--listen", default="127.0.0.1:8321", show_default=True, metavar="HOST:PORT")
@click.option("--data", default="var/demo.db", show_default=True, help="Where its week is kept.")
@click.option("--speed", default=600.0, show_default=True, help="How much faster than life.")
def demo(listen: str, data: str, speed: float) -> None:
    """Run the demo platform: a small review board and feed with a scripted week.

    `rapport run` starts it by itself when the configuration has a section `demo`.

    \b
    Examples:
      rapport demo
      rapport demo --speed 3600
    """
    from monitor.demo.__main__ import main

    sys.exit(main(["--listen", listen, "--data", data, "--speed", str(speed)]))
