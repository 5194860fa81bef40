"""A trained network -> the files of an artifact, each checked against the network."""
