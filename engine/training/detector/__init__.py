"""Training of the face detector: labelled photos in, a model folder out."""
