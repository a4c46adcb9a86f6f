"""How sure a match is and when it is believed (``thresholds.yaml``)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Rung:
    """Levels that must agree with the gazetteer, and how sure a building is that is found so."""

    levels: list[str]
    confidence: float


@dataclass(frozen=True)
class Thresholds:
    """The figures of ``thresholds.yaml``, where each is explained."""

    ladder: list[Rung]
    penalties: dict[str, float]
    alias: float
    unit_unknown: float
    misspelling: float
    nearby: float
    remainder: float
    believed: float
    majority: float
    similarity: float
    margin: float
    room_in_house_code: float


@cache
def thresholds() -> Thresholds:
    """Read the figures."""
    figures = yaml.safe_load((Path(__file__).parent / "thresholds.yaml").read_text())
    return Thresholds(**(figures | {"ladder": [Rung(**rung) for rung in figures["ladder"]]}))
