"""The steps of ``hub resolve``: each reads what dbt staged and writes tables of ``resolve``."""
