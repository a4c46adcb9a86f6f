"""Which records of all departments are one legal person."""
