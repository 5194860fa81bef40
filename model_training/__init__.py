"""From MNIST to the model that is served: `python -m model_training`."""

import os

# Read by TensorFlow while it is imported: warnings at least; and oneDNN's kernels, which it takes of itself only on
# processors with AVX-512 VNNI, and with which a step of `best` takes a fifth less time on others.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
