"""The record of a training, and pages, plots and images that show a version."""
