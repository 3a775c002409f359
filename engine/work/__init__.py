"""Bulk work: processes or a cluster, progress bars, caches, and files that appear whole."""
