"""Talks to departments and lands what they say; knows nothing else of ours."""
