"""Contracts as the command line sees them: loaded, or a clear error; exported to files."""

from pathlib import Path

from connectors.contracts import Contract, ContractError, export, load_contracts
from expectations import landed_files
from hub.errors import HubError
from hub.settings import REPOSITORY, settings

DBT_SOURCES = REPOSITORY / "dbt_project" / "models" / "staging" / "_sources.yml"


def load(folder: Path | None) -> list[Contract]:
    """Load the contracts of ``folder`` (the hub's own unless given); check their suites as well.

    Raises:
        HubError: something is wrong with them; one line per problem (exit code 2).
    """
    try:
        contracts = load_contracts(folder or settings().contracts_dir)
        landed_files.lint(contracts)
    except ContractError as error:
        raise HubError(f"the contracts are wrong:\n{error}", 2) from None
    return contracts


def export_odcs(folder: Path | None, target: Path) -> int:
    """Write ``<target>/<department>/<table>.odcs.yaml`` for every contract; return how many."""
    contracts = load(folder)
    for contract in contracts:
        path = target / contract.department / f"{contract.table}.odcs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(export.dump(export.odcs(contract)), encoding="utf-8")
    return len(contracts)


def export_dbt_sources(folder: Path | None) -> None:
    """Rewrite dbt's source file."""
    DBT_SOURCES.write_text(export.dbt_sources(load(folder)), encoding="utf-8")
