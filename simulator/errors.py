"""What went wrong, in one line for the person at the command line."""


class SimulatorError(Exception):
    """Something the caller can put right; the message says what."""
