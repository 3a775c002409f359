"""Measurements of speed, memory and quality: figures to look at, not tests to pass."""
