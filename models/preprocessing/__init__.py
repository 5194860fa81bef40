"""Any picture of a digit -> the 28x28 that the networks read."""
