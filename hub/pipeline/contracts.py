"""Contracts as the command line sees them: loaded, or a clear error; compared, written to files."""

import io
import subprocess
import tempfile
import zipfile
from pathlib import Path

from connectors.contracts import Contract, ContractError, catalogue, export, load_contracts
from connectors.contracts.changes import Change, compare, unannounced
from connectors.contracts.loader import load_department
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


def write_catalogue(folder: Path | None, target: Path) -> int:
    """Write the catalogue's pages below ``target``; return how many."""
    found = catalogue.pages(load(folder))
    for name, text in found.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(found)


def changes(folder: Path | None, before: str) -> tuple[list[Change], list[Change]]:
    """Compare the contracts with an earlier state.

    ``before``: a folder of contracts, the YAML file of one table, or a commit of the repository
    that holds the contracts. Returns all changes, and the breaking ones that no greater major
    version announces.

    Raises:
        HubError: either state is wrong, or there is no such state (exit code 2).
    """
    folder = folder or settings().contracts_dir
    old, new = _earlier(folder, before), load(folder)
    path = Path(before)
    if path.is_file():
        new = [c for c in new if (c.department, c.table) == (path.resolve().parent.name, path.stem)]
    found = compare(old, new)
    return found, unannounced(found, old, new)


def _earlier(folder: Path, before: str) -> list[Contract]:
    path = Path(before)
    try:
        if path.is_dir():
            return load_contracts(path)
        if path.is_file():
            return [c for c in load_department(path.resolve().parent) if c.table == path.stem]
        with tempfile.TemporaryDirectory(prefix="hub-contracts-") as scratch:
            return load_contracts(_checked_out(folder, before, Path(scratch)))
    except ContractError as error:
        raise HubError(f"the contracts of {before} are wrong:\n{error}", 2) from None


def _checked_out(folder: Path, commit: str, scratch: Path) -> Path:
    """Write the contracts as they were in ``commit`` into ``scratch``."""
    command = ["git", "-C", str(folder), "archive", "--format=zip", commit, "--", "."]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise HubError(f"{commit} is no folder, no file and no commit: {reason[-1]}", 2)
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
        archive.extractall(scratch)
    return scratch
