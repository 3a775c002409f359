"""Trained networks: the model folder they come in, and the runtimes they run on."""
