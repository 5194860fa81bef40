"""Write a trained network as the files of an artifact, and in the formats of other programs."""
