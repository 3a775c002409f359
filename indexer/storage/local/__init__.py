"""Storage backend that keeps a gallery in a folder on this machine."""
