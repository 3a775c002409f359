"""The lab: early systems for recognising idols' faces, each rebuilt as an experiment (docs/experiments.md)."""
