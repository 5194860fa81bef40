"""Hyper-parameter search, on one machine or a Ray cluster."""
