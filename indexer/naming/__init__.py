"""Naming: faces that nobody has named fall into groups, and what people say of faces by hand is kept."""
