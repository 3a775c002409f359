"""Photo → faces → aligned crops → unit vectors: arrays in, arrays out.

Nothing outside :mod:`niteru.engine.training` imports TensorFlow or Keras.
"""
