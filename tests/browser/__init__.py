"""The page, used as a person uses it: a real browser on the real service."""
