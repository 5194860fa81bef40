"""Find the boxes of a grid: their rules, their mesh, the ink in each."""
