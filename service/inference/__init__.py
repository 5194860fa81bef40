"""The loaded model: who answers, how it is reloaded, and the canary beside it."""
