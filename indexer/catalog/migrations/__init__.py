"""Numbered steps of the catalogue's schema; the number of the last is the file's ``user_version``."""
