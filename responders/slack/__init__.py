"""Slack: one of the three faces of the queue. A card for each case, and the buttons on it."""
