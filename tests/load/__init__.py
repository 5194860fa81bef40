"""A load test of a running service: `python -m tests.load --help`."""
