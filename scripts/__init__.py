"""Command line: the commands of ``niteru``, one module each."""
