"""``python -m hub``: the same as the ``hub`` command, for environments without the script."""

from hub.cli.main import main

main()
