"""The offline report: pages, tables, the map of faces."""
