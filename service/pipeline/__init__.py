"""The one way from a request to its response, whichever server carries it and whichever model answers."""
