"""The laboratory: the systems of the first idol-face builders, each rebuilt as an experiment (docs/experiments.md)."""
