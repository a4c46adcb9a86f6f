"""Which records are one urban component."""
