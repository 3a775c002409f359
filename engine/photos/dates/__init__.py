"""Dates of photos: from the picture's file, from a table, from names of files and folders, and which of them counts."""
