"""Contracts of source tables. Needs PyYAML and pydantic only: Airflow's environment reads them."""

from connectors.contracts.loader import by_department, load_contracts
from connectors.contracts.model import (
    Contract,
    FileContract,
    RestContract,
    SqlContract,
    StreamContract,
    TableContract,
)
from connectors.contracts.parts import Column
from connectors.contracts.problem import ContractError, Problem

__all__ = [
    "Column",
    "Contract",
    "ContractError",
    "FileContract",
    "Problem",
    "RestContract",
    "SqlContract",
    "StreamContract",
    "TableContract",
    "by_department",
    "load_contracts",
]
