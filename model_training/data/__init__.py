"""Where digits come from: MNIST, handwriting, non-digits, and how they are split."""
