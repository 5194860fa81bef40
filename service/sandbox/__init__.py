"""Processes of their own in which strangers' bodies are parsed, decoded and redrawn, within limits."""
