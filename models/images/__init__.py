"""Encoded images -> grey levels, the same for requests and for training."""
