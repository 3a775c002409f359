"""Bulk work: processes or a cluster, progress, and files that can be made again."""
