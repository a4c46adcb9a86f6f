"""Moves data: ingest, build, check, publish, refresh; each step one module and one hub verb."""
