"""Training of embedders: labelled people in, a model folder out."""
