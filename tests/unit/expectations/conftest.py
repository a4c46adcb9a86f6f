"""Contracts and batches that the unit tests of the gates share."""

from dataclasses import replace

import pytest

from connectors.contracts import Contract, load_contracts
from expectations.profiles import ColumnProfile, LandedBatch
from hub.settings import REPOSITORY


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    """The repository's contracts by ``department.table``."""
    found = load_contracts(REPOSITORY / "connectors" / "contracts")
    return {contract.identifier: contract for contract in found}


def batch_of(contract: Contract, rows: int = 1000, **changes: object) -> LandedBatch:
    """A batch of ``rows`` rows with nothing to complain about; ``changes`` to its fields."""
    profile = ColumnProfile(rows, 0, 5, rows, 12, 12, None, None)
    batch = LandedBatch(
        batch_id=1,
        department=contract.department,
        table=contract.table,
        mode=contract.extract.mode,
        received=rows,
        rejected=0,
        drift=[],
        profiled=rows,
        last_received=rows,
        columns={column.name: profile for column in contract.columns},
    )
    return replace(batch, **changes)


def with_column(batch: LandedBatch, column: str, **changes: object) -> LandedBatch:
    """The batch with another profile of one column."""
    changed = replace(batch.columns[column], **changes)
    return replace(batch, columns=batch.columns | {column: changed})
