"""`python -m service.score`: read pictures in bulk, from folders, archives and documents, into shards of rows."""
