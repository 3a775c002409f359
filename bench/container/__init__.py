"""deploy/Dockerfile carried out without Docker, from a bare Debian to an answer: ``python -m bench.container``."""
