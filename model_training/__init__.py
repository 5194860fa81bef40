"""Train the model that is served: `python -m model_training`."""

import os

# TensorFlow reads both while it is imported. By itself it enables oneDNN's kernels only on processors with AVX-512
# VNNI; on others they save a fifth of the time of a step of `best`.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
