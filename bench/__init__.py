"""Benchmarks: ratios against the fastest bare tool in the same run, printed as a table."""
