"""The laboratory: the systems of the first idol-face builders, each a row that runs (docs/experiments.md)."""
