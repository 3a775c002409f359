"""Catalogue in SQLite, the source of truth: people, photos, faces, vectors, and the suppression list."""
