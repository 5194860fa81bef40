"""Reading in bulk beside its ceiling and the service: python -m tests.benchmarks.scoring."""
