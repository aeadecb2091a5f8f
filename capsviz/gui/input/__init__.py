"""What is drawn or opened, and what the network sees of it."""
