"""One experiment a module: what the first builders did, rebuilt, measured and answered."""
