"""Turn any picture of a digit into the 28x28 that the networks read."""
