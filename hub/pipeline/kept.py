"""A batch that somebody decides about, and what was kept of it; errors worded for people."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from connectors.contracts import Contract
from connectors.contracts.model import TableContract
from connectors.landing.brake import TooManyLostError
from connectors.landing.decisions import DecisionError
from connectors.landing.ledger import TableBusyError
from connectors.landing.reread import is_readable
from connectors.landing.statements import MergeError
from hub.errors import HubError
from hub.warehouse.connection import connect

USAGE, HELD, SOURCE_FAILED = 2, 10, 11

Contracts = Mapping[tuple[str, str], Contract]

_BATCH = """
select department, table_name, mode, status, source_ref, raw_file, raw_sha256, run_id
  from ops.batch where batch_id = %s
"""

_COUNTS = """
select 'received', received, 'appended', appended, 'unchanged', unchanged, 'rejected', rejected,
       'held', held, 'closed', closed
  from ops.batch where batch_id = %s
"""


@dataclass(frozen=True)
class KeptBatch:
    """A batch of the ledger; ``path`` and ``digest`` are those of its raw file."""

    batch_id: int
    contract: Contract
    mode: str
    status: str
    source_ref: str
    path: Path | None
    digest: str
    run_id: str

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.contract.identifier} #{self.batch_id}"

    @property
    def readable(self) -> bool:
        """Whether its rows could be told apart."""
        return self.path is not None and is_readable(self.path)


def find(dsn: str, landing: Path, contracts: Contracts, batch_id: int) -> KeptBatch:
    """Return a batch of the ledger.

    Raises:
        HubError: there is none, or its table has no contract any more.
    """
    with connect(dsn) as connection:
        row = connection.execute(_BATCH, [batch_id]).fetchone()
    if row is None:
        raise HubError(f"there is no batch {batch_id}; see `hub batches`", USAGE)
    department, table, mode, status, source_ref, path, digest, run_id = row
    contract = contracts.get((department, table))
    if contract is None:
        raise HubError(f"batch {batch_id}: {department}.{table} has no contract any more", USAGE)
    if mode == "keys" and isinstance(contract, TableContract):
        contract = contract.only_keys()
    kept = landing / path if path else None
    return KeptBatch(batch_id, contract, mode, status, source_ref, kept, digest or "", run_id)


def counts(dsn: str, batch_id: int) -> str:
    """Say where the rows of a batch are."""
    with connect(dsn) as connection:
        row = connection.execute(_COUNTS, [batch_id]).fetchone() or ()
    return " ".join(f"{value:,}" if isinstance(value, int) else value for value in row)


@contextmanager
def clear_errors(subject: str) -> Iterator[None]:
    """Turn whatever goes wrong while a decision is carried out into one line for people."""
    try:
        yield
    except DecisionError as error:
        raise HubError(f"{subject}: {error}", USAGE) from None
    except TooManyLostError as error:
        raise HubError(f"{subject} stays held: {error}", HELD) from None
    except TableBusyError:
        raise HubError(
            f"{subject}: another run is at work on this table; wait for it to end", SOURCE_FAILED
        ) from None
    except MergeError as error:
        raise HubError(f"{error}; nothing was changed", SOURCE_FAILED) from None
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise HubError(f"cannot use the landing files{where}: {error.strerror}") from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise HubError(f"the warehouse does not answer ({reason}); is the hub up?") from None
