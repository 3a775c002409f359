"""Numbered steps of the catalogue's schema; the last one's number is the file's ``user_version``."""
