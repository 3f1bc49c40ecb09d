"""Measurements. Run one with ``python -m benchmarks.NAME``; nothing here is a test."""
