"""HTTP services answering JSON: a resource read to its end, whole or from a cursor on."""

from collections.abc import Iterator
from typing import Any

import httpx
import pyarrow as pa

from connectors.contracts import RestContract
from connectors.contracts.formats import GeojsonFormat
from connectors.protocols.base import Extraction, Since
from connectors.protocols.json_rows import Rows, features
from connectors.protocols.rest_client import RestClient
from connectors.protocols.rest_paging import Pages
from connectors.protocols.sql import announced, span


class RestSource:
    """Reads one resource; the answer's ``code``, if it has one, must be 0."""

    def __init__(
        self,
        contract: RestContract,
        wait_seconds: float = 1.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._contract = contract
        self._wait_seconds = wait_seconds
        self._transport = transport

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction: the whole resource, or what is new in it.

        A range of days is read from its first day on: services know no end.
        """
        extraction = announced(self._contract, since)
        extraction.paged = self._contract.extract.paging is not None
        extraction.rows = self._rows(span(self._contract, since).start, extraction)
        yield extraction

    def _rows(self, start: str | None, extraction: Extraction) -> Iterator[pa.RecordBatch]:
        contract = self._contract
        rows = Rows(contract.columns, extraction.drift, contract.extract.object)
        client = RestClient(
            contract.server,
            contract.extract.largest_answer_mb,
            self._wait_seconds,
            self._transport,
        )
        with client:
            for found in self._pages(client, start):
                if found:
                    yield rows.batch(found)
        rows.finish()
        extraction.types.update(rows.types)

    def _pages(self, client: RestClient, start: str | None) -> Iterator[list[Any]]:
        extract = self._contract.extract
        asked = {} if start is None or extract.since is None else {extract.since: start}
        if isinstance(extract.format, GeojsonFormat):
            yield features(client.get(extract.object, asked).document, extract.object)
        else:
            yield from Pages(client, extract, asked).all()
