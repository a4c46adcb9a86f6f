"""What a contract may say of an HTTP service."""

from pathlib import Path
from typing import Any

import pytest

from connectors.contracts import ContractError
from tests.support.rest import page, source

CURSOR = {"mode": "cursor", "cursor": "changed"}


@pytest.mark.parametrize(
    ("extract", "reason"),
    [
        (CURSOR, "mode: cursor and the field since"),
        ({"since": "from"}, "mode: cursor and the field since"),
        ({**CURSOR, "since": "from", "cursor": "species"}, "must be a required timestamp"),
        ({**CURSOR, "since": "from", "cursor": "planted"}, "is not a column of the table"),
        ({"reconcile": "7d"}, "reconcile belongs to mode: cursor"),
        ({"object": "trees"}, "starts with one /"),
        ({"object": "//evil.example/trees"}, "starts with one /"),
        ({"paging": {"style": "cursor", "page_size": 2}}, "paging.next: is missing"),
        ({"paging": {"style": "scroll"}}, "paging"),
        ({"paging": {"style": "page", "page_size": 0}}, "page_size"),
        (
            {"format": {"kind": "geojson"}, "paging": {"style": "page", "page_size": 2}},
            "without paging",
        ),
        ({"largest_answer_mb": 0}, "largest_answer_mb"),
    ],
)
def test_what_does_not_fit_together_is_told_before_any_run(
    tmp_path: Path, extract: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        source(tmp_path, lambda _: page([]), {}, **extract)
