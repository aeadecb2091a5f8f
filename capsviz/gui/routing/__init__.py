"""Routing by agreement, iteration by iteration."""
