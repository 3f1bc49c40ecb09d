"""What happened, read from the store to be counted again: what-if replays and forecasts."""
