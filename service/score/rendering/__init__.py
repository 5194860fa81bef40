"""PDF pages -> pictures, in a process of its own with limits, as strangers' pictures are read."""
