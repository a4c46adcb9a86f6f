"""Change logs told again from raw files and the ledger alone, compared, and put right."""

from connectors.contracts import Contract
from connectors.landing import change_log, raw_table
from connectors.landing.ledger import Ledger
from connectors.landing.statements import transaction
from connectors.landing.stored import landed_batches, lost_files
from hub.errors import HubError
from hub.pipeline.decisions import Office
from hub.pipeline.kept import HELD, USAGE, clear_errors
from hub.warehouse.apply import apply_schema


def rebuild(office: Office, table: str | None, *, check: bool) -> None:
    """Tell change logs again, one table after the other; with ``check``, only compare.

    Raises:
        HubError: a table is unknown (2), a raw file is lost (1), or logs differ (10).
    """
    chosen = [c for c in office.contracts.values() if table in {None, c.identifier}]
    if not chosen:
        raise HubError(f"there is no table {table}; write department.table", USAGE)
    apply_schema(office.dsn)
    different = [c.identifier for c in chosen if _differs(office, c, check=check)]
    if different and check:
        raise HubError(f"different: {', '.join(different)}; `hub rebuild raw` puts it right", HELD)


def _differs(office: Office, contract: Contract, *, check: bool) -> bool:
    name = contract.identifier
    with clear_errors(name), Ledger(office.dsn, office.landing) as ledger:
        ledger.lock(contract)
        batches = _prepare(office, contract)
        with transaction(office.dsn, name) as db:
            gone, new = change_log.rebuild(db, office.landing, contract, check=check)
    if not gone and not new:
        office.say(f"{name}: {batches:,} batch(es) told again, the same row for row")
        return False
    done = "" if check else "; put right"
    office.say(
        f"{name}: {batches:,} batch(es) told again: {gone:,} row(s) only in the log,"
        f" {new:,} only in what was received{done}"
    )
    return True


def _prepare(office: Office, contract: Contract) -> int:
    """Look whether all raw files are whole, and give the log every column they have."""
    with transaction(office.dsn, contract.identifier) as db:
        if lost := lost_files(db, office.landing, contract):
            raise HubError(f"{contract.identifier}: raw file lost or altered: {lost[0]}")
        batches = list(landed_batches(db, office.landing, contract))
    raw_table.prepare(office.dsn, contract, sorted({n for b in batches for n in b.columns}))
    return len(batches)
