"""The command ``rapport``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of ``rapport``."""
    from monitor.cli.main import rapport

    rapport(prog_name="rapport")
