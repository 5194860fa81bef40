"""Requests and responses of each protocol, free of any server."""
