"""The search for better settings, on one machine or a Ray cluster."""
