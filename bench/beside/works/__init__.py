"""The works that are compared, one in each file: ``measure(bench)`` returns rows for the JSON."""
