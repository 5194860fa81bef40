"""From a picture of anything to its lines of digits, in reading order."""
