"""A gallery in a folder of this machine."""
