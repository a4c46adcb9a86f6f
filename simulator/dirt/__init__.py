"""Makes clean rows wrong in the ways real systems are wrong, and remembers what was right."""
