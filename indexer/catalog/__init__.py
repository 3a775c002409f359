"""The catalogue in SQLite, which is the truth: people, photos, faces, vectors, and who must stay forgotten."""
