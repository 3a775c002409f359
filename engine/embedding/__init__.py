"""Aligned crops to unit vectors, and what is made of several vectors or of parts of a face."""
