"""Who may ask, and how often: keys, rates, addresses, admission."""
