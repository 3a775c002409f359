"""Training of the face detector: labelled scenes in, a model folder out."""
