"""Turns a contract into what the gate needs to know of it."""

from typing import Any

from expectations.landed import Column, Table

DEFAULT_VOLUME_DROP = 0.30


def table_of(contract: Any) -> Table:
    """Return the gate's view of ``contract`` (a validated contract, in ODCS shape)."""
    content: dict[str, Any] = contract.model_dump(by_alias=True)
    table = content["schema"][0]
    gate = content["gate"]
    drop = gate.get("max_volume_drop")
    return Table(
        department=content["department"],
        name=table["name"],
        title=content["name"],
        owner=content["team"]["name"],
        mode=content["extract"]["mode"],
        columns=tuple(
            Column(
                name=one["name"],
                title=one["businessName"],
                logical_type=one["logicalType"],
                required=bool(one.get("required")),
            )
            for one in table["properties"]
        ),
        max_rejected_share=gate["max_rejected_share"],
        min_type_share=gate["min_type_share"],
        max_volume_drop=DEFAULT_VOLUME_DROP if drop is None else drop,
    )
