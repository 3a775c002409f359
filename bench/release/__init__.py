"""Checks of what is about to be published: ``make release-check``."""
