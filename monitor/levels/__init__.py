"""Service levels over many stored cases: applied anew on purpose, explained, and looked after."""
