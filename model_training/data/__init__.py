"""The data: MNIST, other handwriting, non-digits, and how they are split."""
