"""How well a version reads, measured through the engine that serves it."""
