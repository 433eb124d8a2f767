"""Contemplating: agents that work at the same time and propose; ranking, once more, decides."""
