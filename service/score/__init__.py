"""`python -m service.score`: read pictures in bulk, from folders, archives and documents, into shards of rows."""

import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own reserves a gigabyte, whatever it will hold
