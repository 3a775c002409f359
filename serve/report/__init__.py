"""Offline report: its page, its tables, and the map of faces."""
