"""Look at what was received, and decide about it: batches, hold, rejects, replay, rebuild."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.errors import HubError, friendly

if TYPE_CHECKING:
    from connectors.landing.decisions import Decision
    from hub.pipeline.decisions import Office

hold = typer.Typer(no_args_is_help=True, help="Batches that were held, and what becomes of them.")
rejects = typer.Typer(no_args_is_help=True, help="Rows that were rejected, and why.")
rebuild = typer.Typer(no_args_is_help=True, help="Tell derived tables again from what was kept.")

Department = Annotated[str | None, typer.Option(help="Only this department.")]
TableName = Annotated[str | None, typer.Option(help="Only this table.")]
Limit = Annotated[int, typer.Option(help="At most so many, newest first.", min=1)]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Argument(help="Number of the batch, from `hub batches`.", min=1)]
Why = Annotated[str, typer.Option(help="Why you decide so; it is recorded.")]
Who = Annotated[str | None, typer.Option(help="Who decides, unless you yourself; it is recorded.")]
Contracts = Annotated[Path | None, typer.Option(help="Folder of contracts.")]

USAGE = 2


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(batches)
    app.command()(replay)
    app.add_typer(hold, name="hold")
    app.add_typer(rejects, name="rejects")
    app.add_typer(rebuild, name="rebuild")


@friendly
def batches(
    department: Department = None,
    table: TableName = None,
    status: Annotated[str | None, typer.Option(help="Only batches of this status.")] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List batches: what was received, and where its rows went."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    received.show_batches(dsn(), received.Wanted(limit, department, table, status), as_json=as_json)


@hold.command("list")
@friendly
def list_held(
    department: Department = None, table: TableName = None, limit: Limit = 20, as_json: Json = False
) -> None:
    """List batches that are held and not decided yet."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    received.show_held(dsn(), received.Wanted(limit, department, table), as_json=as_json)


@hold.command("release")
@friendly
def release_held(batch: Number, why: Why, who: Who = None, contracts: Contracts = None) -> None:
    """Merge a held batch after all: it takes its own place in time."""
    _office(contracts).release_held(batch, _decision(who, why))


@hold.command("drop")
@friendly
def drop_held(batch: Number, why: Why, who: Who = None, contracts: Contracts = None) -> None:
    """Keep a held batch out for good; its raw file stays."""
    _office(contracts).drop_held(batch, _decision(who, why))


@rejects.command("list")
@friendly
def list_rejects(  # noqa: PLR0913, PLR0917 - a verb has the options that it has
    department: Department = None,
    table: TableName = None,
    batch: Annotated[int | None, typer.Option(help="Only this batch.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List rejected rows by batch and rule, of batches that stand."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    wanted = received.Wanted(limit, department, table, batch=batch, rule=rule)
    received.show_rejects(dsn(), wanted, as_json=as_json)


@rejects.command("show")
@friendly
def show_reject(
    rejected_id: Annotated[int, typer.Argument(help="Number from `hub rejects list`.")],
    contracts: Contracts = None,
    as_json: Json = False,
) -> None:
    """Show one rejected row; of personal data only the shape."""
    from hub.pipeline import received
    from hub.settings import settings
    from hub.warehouse.connection import dsn

    folder = contracts or settings().contracts_dir
    received.show_reject(dsn(), rejected_id, folder, as_json=as_json)


@rejects.command("release")
@friendly
def release_rejects(  # noqa: PLR0913, PLR0917
    why: Why,
    who: Who = None,
    rejected_ids: Annotated[
        list[int] | None, typer.Argument(help="Numbers from `hub rejects list`.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="All rejected rows of this batch.")] = None,
    rule: Annotated[str | None, typer.Option(help="Of the batch, only this rule's.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="column=value: correct what was received.")
    ] = None,
    contracts: Contracts = None,
) -> None:
    """Let rejected rows in, as they are or corrected; each takes its batch's place in time."""
    from hub.pipeline.decisions import RejectedRows

    if bool(rejected_ids) == (batch is not None):
        raise HubError("name the rows to release, or a --batch", USAGE)
    if rule and batch is None:
        raise HubError("--rule goes with --batch", USAGE)
    correction = dict(_pair(value) for value in values or [])
    wanted = RejectedRows(rejected_ids or [], batch, rule)
    _office(contracts).release_rejected(wanted, correction, _decision(who, why))


@friendly
def replay(
    batch: Number,
    who: Who = None,
    why: Annotated[str, typer.Option(help="Why; it is recorded.")] = "重放",
    contracts: Contracts = None,
) -> None:
    """Read the raw file of a batch again, through the gate and the merge, at its place in time.

    Changes nothing when nothing changed; exit 10 when the batch stays held.
    """
    _office(contracts).replay(batch, _decision(who, why))


@rebuild.command("raw")
@friendly
def rebuild_raw(
    table: Annotated[str | None, typer.Option(help="Only this table: department.table.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit 10 if different.")
    ] = False,
    contracts: Contracts = None,
) -> None:
    """Tell raw.* again from the raw files and the ledger alone, and put right what differs."""
    from hub.pipeline.rebuild import rebuild as tell_again

    tell_again(_office(contracts), table, check=check)


def _pair(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals:
        raise HubError(f"--set {text}: write column=value", USAGE)
    return column, value


def _decision(who: str | None, why: str) -> "Decision":
    from connectors.landing.decisions import Decision

    return Decision(who or getpass.getuser(), why)


def _office(contracts: Path | None) -> "Office":
    from hub.pipeline import code_lists
    from hub.pipeline.contracts import load
    from hub.pipeline.decisions import Office
    from hub.settings import settings
    from hub.warehouse.connection import dsn

    hub = settings()
    known = {(c.department, c.table): c for c in load(contracts or hub.contracts_dir)}
    return Office(dsn(), hub.landing, hub.data_docs, known, code_lists.load(), typer.echo)
