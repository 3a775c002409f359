"""The works that are compared, a file each: ``measure(bench)`` gives rows for the JSON."""
