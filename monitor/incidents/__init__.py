"""Tells of mentions with one cause as one thing: finds incidents, and shows them.

`walk` is the daemon's job, apart from intake, which must stay fast; `views` is what every face
reads.
"""
