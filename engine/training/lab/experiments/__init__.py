"""The experiments, one in each module: what the first builders did, rebuilt, measured and answered."""
