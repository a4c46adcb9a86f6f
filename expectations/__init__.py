"""Judges landed batches and built marts with Great Expectations; knows contracts, nothing else."""
