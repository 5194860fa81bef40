"""Faults and hostile senders beside a steady load, every answer counted: `python -m tests.chaos --help`."""
