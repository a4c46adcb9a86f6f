"""``hub contract``: check the contracts of source tables, and derive from them."""

from pathlib import Path
from typing import Annotated

import typer

from hub.errors import HubError, friendly

contract = typer.Typer(no_args_is_help=True, help="Contracts of source tables.")

Folder = Annotated[Path | None, typer.Argument(help="Folder of contracts.")]

Before = Annotated[
    str, typer.Argument(help="What to compare with: a commit, a folder, or one table's YAML file.")
]


def register(app: typer.Typer) -> None:
    """Add the group of verbs."""
    app.add_typer(contract, name="contract")


@contract.command()
@friendly
def lint(folder: Folder = None) -> None:
    """Check every contract: file, line and reason of whatever is wrong."""
    from hub.pipeline.contracts import load

    contracts = load(folder)
    departments = {one.department for one in contracts}
    typer.echo(f"{len(contracts)} contracts of {len(departments)} departments are in order")


@contract.command()
@friendly
def diff(before: Before, folder: Folder = None) -> None:
    """Say what changed in the contracts since a commit, or against a file or folder."""
    from hub.pipeline.contracts import changes

    found, _ = changes(folder, before)
    for change in found:
        typer.echo(change)
    breaking = sum(change.breaking for change in found)
    typer.echo(f"{len(found)} changes, {breaking} of them breaking")


@contract.command()
@friendly
def breaking(before: Before, folder: Folder = None) -> None:
    """Exit 1 when something breaks readers without a greater major version of its table."""
    from hub.pipeline.contracts import changes

    found, unannounced = changes(folder, before)
    for change in found:
        if change.breaking:
            announced = "" if change in unannounced else " (announced by its version)"
            typer.echo(f"{change}{announced}")
    if unannounced:
        tables = ", ".join(sorted({change.table for change in unannounced}))
        raise HubError(f"raise the major version of {tables}, or keep what readers rely on")
    typer.echo("nothing breaks readers unannounced")


@contract.command()
@friendly
def docs(
    target: Annotated[Path, typer.Argument(help="Folder to write the pages into.")],
    folder: Folder = None,
) -> None:
    """Write the catalogue: a Chinese page for each table, and an index."""
    from hub.pipeline.contracts import write_catalogue

    typer.echo(f"{write_catalogue(folder, target)} pages written to {target}")


@contract.command()
@friendly
def export(
    folder: Folder = None,
    odcs: Annotated[
        Path | None, typer.Option(help="Write one ODCS v3 document per table into this folder.")
    ] = None,
    dbt_sources: Annotated[
        bool, typer.Option("--dbt-sources", help="Rewrite dbt's _sources.yml.")
    ] = False,
) -> None:
    """Write what follows from the contracts: the standard's documents, dbt's sources."""
    from hub.pipeline.contracts import DBT_SOURCES, export_dbt_sources, export_odcs

    if not odcs and not dbt_sources:
        raise HubError("say what to export: --odcs FOLDER or --dbt-sources", 2)
    if odcs:
        typer.echo(f"{export_odcs(folder, odcs)} documents written to {odcs}")
    if dbt_sources:
        export_dbt_sources(folder)
        typer.echo(f"{DBT_SOURCES.name} written")
