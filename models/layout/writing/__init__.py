"""Put pieces of ink into rows, tell text from digits, and cut the rows out in reading order."""
