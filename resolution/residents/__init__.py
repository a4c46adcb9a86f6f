"""Which records of all departments are one person."""
