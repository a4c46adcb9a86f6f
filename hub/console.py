"""One console for everything the command line prints as a table."""

from rich.console import Console

# Wide enough for the widest table, so that a pipe or a log file gets whole values.
WIDTH_OF_A_FILE = 220


def console() -> Console:
    """Return a console as wide as the terminal, or wide enough when the output is a file."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=WIDTH_OF_A_FILE)
