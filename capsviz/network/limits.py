"""What the network is offered for; read by the window before anything slow is imported."""

MAX_ITERATIONS = 10
"""Routing is offered for 1 … 10 iterations."""
