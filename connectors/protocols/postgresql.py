"""PostgreSQL, read as binary COPY straight into Arrow (ADBC)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from connectors.contracts import SqlContract
from connectors.contracts.sources import PostgresqlServer
from connectors.protocols.base import (
    BATCH_BYTES,
    CONNECT_SECONDS,
    READ_SECONDS,
    Extraction,
    Since,
    SourceError,
)
from connectors.protocols.columns import match
from connectors.protocols.sql import Span, announced, knock, plain, settle, span

# How values turn into text must not depend on the server's or this machine's settings, or every
# row would look changed after somebody changed one.
SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "default_transaction_read_only": "on",
}


LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class PostgresqlSource:
    """Reads one table or view, whole or from a cursor on, every column cast to text."""

    def __init__(self, contract: SqlContract) -> None:
        assert isinstance(contract.server, PostgresqlServer)  # noqa: S101 - for the type checker
        self._contract = contract
        self._server = contract.server

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction."""
        extraction = announced(self._contract, since)
        extraction.rows = self._rows(span(self._contract, since), extraction)
        yield extraction

    def _rows(self, wanted: Span, extraction: Extraction) -> Iterator[pa.RecordBatch]:
        server = self._server
        host, port = settle(server.host), settle(server.port)
        password = settle(server.password)
        knock(host, port)
        try:
            with adbc.connect(self._uri(host, port, password)) as connection:
                yield from self._stream(connection, wanted, extraction)
        except (adbc.Error, pa.ArrowException) as error:  # the latter in the middle of the stream
            reason = plain(error, password, quote(password, safe=""))
            raise SourceError(f"{self._contract.extract.object} 读取失败：{reason}") from None

    def _stream(
        self, connection: "adbc.Connection", wanted: Span, extraction: Extraction
    ) -> Iterator[pa.RecordBatch]:
        table = ".".join(_quoted(part) for part in self._contract.extract.object.split("."))
        with connection.cursor() as cursor:
            cursor.execute(f"select * from {table} limit 0")  # noqa: S608 - identifiers are quoted
            schema = cursor.fetch_arrow_table().schema
        sent: list[str] = schema.names
        columns = self._contract.columns
        found = match(columns, sent, extraction.drift, extraction.source_ref, str.casefold)
        for column, at in zip(columns, found, strict=True):
            kind = schema.field(at).type
            extraction.types[column.name] = getattr(kind, "type_name", str(kind))
        actual = {column.name: _quoted(sent[at]) for column, at in zip(columns, found, strict=True)}
        fields = ", ".join(f'{actual[c.name]}::text as "{c.name}"' for c in columns)
        query = f"select {fields} from {table}"  # noqa: S608 - identifiers are quoted
        if self._contract.cursor:
            query += wanted.condition(actual[self._contract.cursor])
        with connection.cursor() as cursor:
            options: dict[str, Any] = {"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            cursor.adbc_statement.set_options(**options)
            cursor.execute(query)
            yield from cursor.fetch_record_batch()

    def _uri(self, host: str, port: str, password: str) -> str:
        user, database = settle(self._server.user), settle(self._server.database)
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        parameters = {
            "sslmode": self._server.sslmode or ("prefer" if host in LOOPBACK else "verify-full"),
            "connect_timeout": str(CONNECT_SECONDS),
            "tcp_user_timeout": str(READ_SECONDS * 1000),
            "application_name": "hub",
            "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
        }
        if self._server.ca_file:
            parameters["sslrootcert"] = settle(self._server.ca_file)
        query = urlencode(parameters, quote_via=quote)
        return f"postgresql://{login}@{host}:{port}/{quote(database, safe='')}?{query}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
