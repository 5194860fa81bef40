"""From MNIST to the model that is served: `python -m model_training`."""
