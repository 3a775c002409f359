"""Training of the embedding: labelled people in, a model folder out."""
