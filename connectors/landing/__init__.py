"""Lands batches: immutable raw files, row checks and profiles, change log, ledger."""
