"""Marmalade: the demo platform, a small local review board and social feed.

It stands in for the platforms of the world: its own server, its own pages, its own invented
people. It imports nothing of Rapport, and Rapport speaks to it over HTTP like to any other
platform (`connectors.demo`). The scripted week lives in ``week/*.yaml``.

`monitor.demo.server` starts it, in a thread or as ``python -m monitor.demo``.
"""
