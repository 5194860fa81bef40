"""The server: gunicorn's settings, the worker and its connections."""
