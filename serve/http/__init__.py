"""HTTP service: routes, their schemas, problem documents, access, rate limits and metrics."""
