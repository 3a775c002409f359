"""Generations: published states of a gallery that questions are answered from, with index, calibration and canary."""
