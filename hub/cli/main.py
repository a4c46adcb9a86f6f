"""Entry point of ``hub``: collects the groups of verbs; heavy imports wait until a verb runs."""

import importlib
import pkgutil

import typer

from hub import cli

app = typer.Typer(
    name="hub",
    help="District data hub: pull, model, check, publish and show the data of a city district.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line; every module beside this one registers its verbs on ``app``."""
    for module in pkgutil.iter_modules(cli.__path__):
        if module.name != "main":
            importlib.import_module(f"hub.cli.{module.name}").register(app)
    app()
