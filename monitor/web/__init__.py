"""The web queue: server-rendered pages for the people who decide.

A face of `responders.queue` like Slack and the terminal: no rule lives here. Nothing is
imported until it is asked for, so that commands which need no page stay quick.
"""
