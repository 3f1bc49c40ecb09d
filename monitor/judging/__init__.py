"""The judgement watches itself: what it misses, how its sources change, what a new model says."""
