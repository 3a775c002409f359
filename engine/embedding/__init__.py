"""Aligned crops to unit vectors, one vector from several photos, and the share of each part of a face."""
