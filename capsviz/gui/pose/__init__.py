"""What the decoder makes of a digit capsule, and sixteen sliders to change it."""
