"""A search on a Ray cluster of two nodes on this machine: `make cluster-test`."""
