"""This service and its peers, measured on one machine in one run: `python -m tests.benchmarks --help`."""
