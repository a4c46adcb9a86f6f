"""What there is to read of a table: what is new, all keys once in a while, or days once more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.contracts import Contract
from connectors.contracts.model import TableContract
from connectors.landing.ledger import Ledger
from connectors.protocols.base import Days, Extraction, Since
from connectors.protocols.registry import open_source
from hub.errors import HubError

USAGE = 2


@dataclass(frozen=True)
class Wish:
    """What somebody asked for beyond the new: some ``days`` again instead, or all keys as well."""

    days: Days | None = None
    keys: bool = False


EVERYTHING_NEW = Wish()


def wish(
    departments: dict[str, list[Contract]],
    first: datetime | None,
    last: datetime | None,
    *,
    keys: bool,
) -> Wish:
    """Check a wish against the contracts of the tables it is about.

    Raises:
        HubError: it cannot be fulfilled; says why (exit code 2).
    """
    tables = [contract for contracts in departments.values() for contract in contracts]
    if keys and not any(one.cursor for one in tables):
        raise HubError("--keys is for tables with mode: cursor; others show what is gone", USAGE)
    if first is None and last is None:
        return Wish(keys=keys)
    if first is None or last is None or first > last:
        raise HubError("give both --from and --to, the earlier day first", USAGE)
    if len(tables) != 1:
        raise HubError("say which --table to read again", USAGE)
    (table,) = tables
    kinds = {column.name: column.logical_type for column in table.columns}
    if table.cursor is None or kinds[table.cursor] not in {"date", "timestamp"}:
        raise HubError(f"{table.identifier} has no cursor of days (mode: cursor)", USAGE)
    return Wish(Days(first.date(), last.date()), keys=keys)


def readings(
    ledger: Ledger, contract: Contract, wish: Wish = EVERYTHING_NEW
) -> Iterator[tuple[Contract, Extraction]]:
    """Yield what there is to read of a table, each with the contract to read it by.

    Keys are read after the rows: a row that is deleted between the two is closed, and one that
    comes between is merely not new yet.

    Raises:
        SourceError: the source cannot be read.
    """
    since = ledger.since(contract) if wish.days is None else Since(days=wish.days)
    for extraction in open_source(contract).extractions(since):
        yield contract, extraction
    if isinstance(contract, TableContract) and (wish.keys or ledger.keys_due(contract)):
        keys = contract.only_keys()
        for extraction in open_source(keys).extractions(Since()):
            yield keys, replace(extraction, mode="keys", drift=[])
