"""The answer: ten lengths and a digit."""
