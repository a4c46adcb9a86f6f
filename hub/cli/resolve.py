"""The verbs that say who is who, and let stewards decide where evidence does not."""

import getpass
from enum import StrEnum
from typing import Annotated

import typer

from hub.errors import friendly

links = typer.Typer(help="Pairs of records in doubt, and what stewards decide of them.")

Entity = Annotated[str, typer.Option(help="resident, legal_person or component.")]
Record = Annotated[str, typer.Argument(help="A record: department.table:key.")]


class Ruling(StrEnum):
    """What two records are to each other."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def register(app: typer.Typer) -> None:
    """Add ``resolve`` and ``links``."""
    app.command()(resolve)
    app.add_typer(links, name="links")


@friendly
def resolve(
    train: Annotated[
        bool, typer.Option("--train", help="First learn from this district's own records.")
    ] = False,
) -> None:
    """Link the staged records of all departments again (`hub build` does it in its midst)."""
    from hub.pipeline.resolve import resolve as run_resolve
    from hub.settings import settings

    for step in run_resolve(settings(), training=train):
        typer.echo(f"{step.name}: {step.seconds:.1f} s")


@links.command("review")
@friendly
def review(
    entity: Entity = "resident",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 20,
) -> None:
    """List pairs that wait for a steward, the most useful first."""
    from hub.pipeline.links import waiting
    from hub.warehouse.connection import dsn

    for line in waiting(dsn(), entity, limit):
        typer.echo(line)


@links.command("decide")
@friendly
def decide(  # noqa: PLR0913, PLR0917 - a verb has the options that it has
    one: Record,
    other: Record,
    ruling: Annotated[Ruling, typer.Argument(help="same, different or unknown.")],
    why: Annotated[str, typer.Option(help="Why you decide so; it is recorded.")],
    who: Annotated[str | None, typer.Option(help="Who decides, unless you yourself.")] = None,
    entity: Entity = "resident",
) -> None:
    """Decide whether two records are the same; it holds from the next build on."""
    from hub.pipeline.links import Pair
    from hub.pipeline.links import decide as record_decision
    from hub.warehouse.connection import dsn

    record_decision(dsn(), Pair(entity, one, other), ruling.value, who or getpass.getuser(), why)
    typer.echo("recorded; it holds from the next build on")
