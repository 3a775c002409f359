"""Measurements: speed and memory are figures to look at, not tests to pass."""
