"""Published states of a gallery that questions are asked of: index, calibration, canary, hubness."""
