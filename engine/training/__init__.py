"""Everything that needs TensorFlow or Keras: training, export, and the detector that teaches.

Layers and losses are written in ``keras.ops`` and run on the tensorflow and torch backends alike.
"""

import os

# Read by TensorFlow when it is first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
