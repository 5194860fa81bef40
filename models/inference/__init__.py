"""The network at work: standardization, the runtime, the rejection rule, and a look inside."""
