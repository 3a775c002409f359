"""Training of the face finder: labelled scenes in, a model folder out."""
