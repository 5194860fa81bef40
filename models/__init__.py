"""What training and serving share: how a digit is drawn, standardized, stored and classified."""
