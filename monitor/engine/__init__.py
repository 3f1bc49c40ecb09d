"""Engines wake code up; they decide nothing. `monitor.engine.base` is the seam."""
