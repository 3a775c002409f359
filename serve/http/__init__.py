"""The HTTP service: routes, what they take and give, problems, limits, metrics."""
