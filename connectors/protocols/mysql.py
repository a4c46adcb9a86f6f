"""MySQL and MariaDB, read into Arrow by connectorx with every column cast to text."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pymysql

from connectors.contracts import SqlContract
from connectors.protocols.base import (
    BATCH_ROWS,
    CONNECT_SECONDS,
    READ_SECONDS,
    Extraction,
    Since,
    SourceError,
)
from connectors.protocols.columns import match
from connectors.protocols.sql import Span, announced, knock, plain, settle, span

STDERR = 2
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit"}


class MysqlSource:
    """Reads one table or view, whole or from a cursor on.

    Cast to text, native zero dates (``0000-00-00``) arrive as they stand; uncast they would make
    the driver panic. Binary columns arrive in hexadecimal.
    """

    def __init__(self, contract: SqlContract) -> None:
        self._contract = contract

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction."""
        extraction = announced(self._contract, since)
        extraction.rows = self._rows(span(self._contract, since), extraction)
        yield extraction

    def _rows(self, wanted: Span, extraction: Extraction) -> Iterator[pa.RecordBatch]:
        server, table = self._contract.server, self._contract.extract.object
        host, port = settle(server.host), settle(server.port)
        user, database = settle(server.user), settle(server.database)
        password = settle(server.password)
        knock(host, port)
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        uri = f"mysql://{login}@{host}:{port}/{quote(database, safe='')}"
        try:
            access = {"host": host, "port": int(port), "user": user, "password": password}
            limits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
            sent = _columns_of({**access, **limits, "database": database}, table)
            query = self._query(sent, wanted, extraction)
            with _quiet():
                for batch in _read(uri, query):
                    yield batch.rename_columns([column.name for column in self._contract.columns])
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            # The driver raises RuntimeError, or panics with something that is no Exception.
            if type(error).__module__.startswith("connectors."):
                raise
            reason = plain(error, password, quote(password, safe=""))
            raise SourceError(f"{table} 读取失败：{reason}") from None

    def _query(self, sent: dict[str, str], wanted: Span, extraction: Extraction) -> str:
        table = self._contract.extract.object
        if not sent:
            raise SourceError(f"数据库里没有 {table}，或账号无权读取")
        names = list(sent)
        columns = self._contract.columns
        found = match(columns, names, extraction.drift, table, str.casefold)
        actual = {column.name: names[at] for column, at in zip(columns, found, strict=True)}
        extraction.types.update({name: sent[known] for name, known in actual.items()})
        fields = ", ".join(f"{_as_text(n, sent[n])} as `{name}`" for name, n in actual.items())
        query = f"select {fields} from {_quoted_path(table)}"  # noqa: S608 - quoted identifiers
        if self._contract.cursor:
            query += wanted.condition(_quoted(actual[self._contract.cursor]))
        return query


def _columns_of(access: dict[str, Any], table: str) -> dict[str, str]:
    """Return name and data type of the table's columns, in order; empty when there is no table.

    Asked by another driver than the rows: that one waits half a minute before it says that an
    account is locked.
    """
    *schema, name = table.split(".")
    query = (
        "select column_name, data_type from information_schema.columns where table_schema ="
        " coalesce(%s, database()) and table_name = %s order by ordinal_position"
    )
    try:
        with pymysql.connect(**access) as connection, connection.cursor() as cursor:
            cursor.execute(query, (schema[0] if schema else None, name))
            return {str(column): str(kind).lower() for column, kind in cursor.fetchall()}
    except pymysql.MySQLError as error:
        raise RuntimeError(error.args[-1]) from None  # without its number


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence stderr while the driver works: it writes retries and whole stack traces there.

    What went wrong reaches us as an exception all the same.
    """
    sys.stderr.flush()
    kept = os.dup(STDERR)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)


def _read(uri: str, query: str) -> Iterator[pa.RecordBatch]:
    import connectorx

    reader: Any = connectorx.read_sql(uri, query, return_type="arrow_stream", batch_size=BATCH_ROWS)
    yield from reader


def _as_text(name: str, kind: str) -> str:
    return f"hex({_quoted(name)})" if kind in BINARY else f"cast({_quoted(name)} as char)"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _quoted_path(table: str) -> str:
    return ".".join(_quoted(part) for part in table.split("."))
