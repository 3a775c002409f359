"""People, photos and vectors: catalogue, index, calibration, look-alikes."""
