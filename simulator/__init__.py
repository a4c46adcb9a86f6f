"""A synthetic district with known truth, and the departmental systems that see parts of it.

Everything here is invented: no row describes a real person, company or address. Nothing but tests
and benchmarks may import this package; the pipeline meets it only over the departments' protocols.
"""
