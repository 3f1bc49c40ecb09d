"""Escalation: tells the right people, one after the other, that a promise is in danger."""
