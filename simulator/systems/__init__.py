"""The departmental systems: what each of them knows, in its own columns, before it gets dirty."""
