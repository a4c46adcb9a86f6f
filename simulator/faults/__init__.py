"""Faults on demand: which there are, which are ordered, and what they do to each protocol."""
