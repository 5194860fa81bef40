"""Read a line of digits: its strip, the network that reads it, and the decoding of what the network gives."""
