"""Run a network: the engine, the rejection rule, and a look inside."""
