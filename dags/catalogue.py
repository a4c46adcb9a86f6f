"""The departments as the DAGs see them: read from the contracts, one broken contract at a time."""

from dataclasses import dataclass
from pathlib import Path

from airflow.sdk import Asset, CronTriggerTimetable
from airflow.sdk.exceptions import AirflowTimetableInvalid

from connectors.contracts import Contract, ContractError
from connectors.contracts.loader import SHARED, load_department
from dags import options


@dataclass(frozen=True)
class Department:
    """One department with a sound set of contracts."""

    name: str
    title: str
    owner: str
    schedule: str
    tables: tuple[tuple[str, str], ...]

    @property
    def dag_id(self) -> str:
        """The DAG that pulls it."""
        return f"ingest_{self.name}"

    @property
    def reported(self) -> Asset:
        """The asset that says: this department has had its turn, for better or worse."""
        return Asset(name=f"reported_{self.name}", uri=f"hub://reported/{self.name}")


def departments() -> tuple[list[Department], list[str]]:
    """Return the departments whose contracts are sound, and what is wrong with the others.

    A fault reads ``<file>:<line>: <reason>``.
    """
    sound: list[Department] = []
    faults: list[str] = []
    for folder in sorted(file.parent for file in options.CONTRACTS.glob(f"*/{SHARED}")):
        try:
            contracts = load_department(folder)
        except ContractError as error:
            faults += map(str, error.problems)
            continue
        if fault := _unusable_schedule(folder / SHARED, contracts):
            faults.append(fault)
        elif contracts:
            sound.append(_department(contracts))
    return sound, faults


def _unusable_schedule(file: Path, contracts: list[Contract]) -> str | None:
    """Only Airflow can tell that ``99 2 * * *`` is no time of day."""
    for contract in contracts:
        try:
            CronTriggerTimetable(contract.schedule, timezone=options.TIMEZONE).validate()
        except AirflowTimetableInvalid as error:
            lines = file.read_text(encoding="utf-8").splitlines()
            found = (n for n, line in enumerate(lines, 1) if line.startswith("schedule:"))
            return f"{file}:{next(found, 1)}: schedule: {error}"
    return None


def _department(contracts: list[Contract]) -> Department:
    first = contracts[0]
    return Department(
        name=first.department,
        title=first.title,
        owner=first.team.name,
        schedule=first.schedule,
        tables=tuple((contract.table, contract.name) for contract in contracts),
    )
