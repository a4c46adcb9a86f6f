"""The departments' own servers, on loopback."""
