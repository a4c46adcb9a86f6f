"""The DAGs: one per department from its contracts, one for the warehouse; they call ``hub``."""
