"""What belongs to an account rather than to one source: its budgets and its tokens."""
