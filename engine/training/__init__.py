"""Training and export of networks, the only part of niteru that needs TensorFlow or Keras.

Layers and losses are written in ``keras.ops`` and run on the tensorflow and torch backends alike.
"""

import os

# TensorFlow reads this when it is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
