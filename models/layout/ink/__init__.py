"""Tell the ink of writing from paper, light, sheets, rules, frames and pictures."""
