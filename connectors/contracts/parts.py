"""The parts of a contract that do not depend on where its data comes from."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from connectors.contracts.base import Odcs, Share, SnakeName, Strict, Text

LogicalType = Literal["string", "date", "timestamp", "integer", "number", "boolean"]
Classification = Literal["L1", "L2", "L3", "L4"]


class Column(Odcs):
    """One column: ``name`` in the warehouse, ``physical_name`` in the source."""

    name: SnakeName
    physical_name: Text
    business_name: Text
    description: Text
    logical_type: LogicalType
    classification: Classification
    primary_key: bool = False
    required: bool = False
    code_list: SnakeName | None = None

    @property
    def personal(self) -> bool:
        """Whether values may identify a person: they never appear in messages or samples."""
        return self.classification in {"L3", "L4"}


class Table(Strict):
    """The one table of a contract."""

    name: SnakeName
    properties: Annotated[tuple[Column, ...], Field(strict=False)]


class Team(Strict):
    """Who answers for the data."""

    name: Text


class Authority(Strict):
    """On what legal basis, and how freely, the data may be shared."""

    basis: Text
    sharing: Literal["无条件共享", "有条件共享", "不予共享"]


class Description(Strict):
    """What a row is, and what to mind."""

    purpose: Text
    limitations: Text | None = None
    usage: Text | None = None


class SlaProperty(Strict):
    """``frequency``: how often the source changes. ``latency``: after how long data is stale."""

    name: Annotated[Literal["frequency", "latency"], Field(alias="property")]
    value: Annotated[int, Field(ge=1)]
    unit: Literal["d", "h"]

    @property
    def duration(self) -> timedelta:
        """The value as a length of time."""
        return timedelta(**{{"d": "days", "h": "hours"}[self.unit]: self.value})


class Gate(Strict):
    """When a landed batch is held instead of merged.

    ``max_rejected_share``: more rejected rows than this. ``min_type_share``: fewer values of
    their logical type, in any typed column. ``max_volume_drop``: a snapshot that lost more than
    this share against the last one. ``max_lost_keys``: the brake; a snapshot (or a reading of
    keys) that would close more than this share of the open keys.
    """

    max_rejected_share: Share
    min_type_share: Share
    max_volume_drop: Share = 0.3
    max_lost_keys: Share = 0.2


Strictness = Literal["accept", "warn", "hold"]


class DriftPolicy(Strict):
    """What to do when a source no longer looks as its contract says, by kind of difference.

    A column that is missing (or renamed) always holds the batch: its values cannot be guessed.
    """

    added: Strictness = "warn"
    missing: Literal["hold"] = "hold"
    renamed: Literal["hold"] = "hold"
    type: Strictness = "warn"
    code_list: Strictness = "warn"
