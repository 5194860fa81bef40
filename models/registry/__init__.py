"""Artifacts on disk: the contract, the versions and their labels, and corrections."""
