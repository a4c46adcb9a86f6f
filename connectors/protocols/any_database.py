"""Any database that SQLAlchemy reaches by a driver's name: Oracle, SQL Server, Dameng, Kingbase …

Slower than the protocols of their own that PostgreSQL and MySQL have: values come through Python
and are written as text here, so that no two databases spell a date differently. Drivers are not
part of this project; install the one that ``server.driver`` names.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from connectors.contracts import SqlContract
from connectors.contracts.sources import AnyDatabaseServer
from connectors.protocols.base import Extraction, Since, SourceError
from connectors.protocols.columns import match
from connectors.protocols.sql import Span, announced, knock, plain, settle, span

FETCH_ROWS = 10_000


class AnyDatabaseSource:
    """Reads one table or view, whole or from a cursor on."""

    def __init__(self, contract: SqlContract) -> None:
        assert isinstance(contract.server, AnyDatabaseServer)  # noqa: S101 - for the type checker
        self._contract = contract
        self._server = contract.server

    def extractions(self, since: Since) -> Iterator[Extraction]:
        """Yield one extraction."""
        extraction = announced(self._contract, since)
        extraction.rows = self._rows(span(self._contract, since), extraction)
        yield extraction

    def _rows(self, wanted: Span, extraction: Extraction) -> Iterator[pa.RecordBatch]:
        password = settle(self._server.password)
        where = self._contract.extract.object
        knock(settle(self._server.host), settle(self._server.port))
        engine = self._engine(password)
        try:
            with engine.connect() as connection:
                query = self._query(connection, wanted, extraction)
                result = connection.execution_options(stream_results=True).execute(query)
                while rows := result.fetchmany(FETCH_ROWS):
                    yield self._batch(rows)
        except NoSuchTableError:
            raise SourceError(f"数据库里没有 {where}，或账号无权读取") from None
        except SQLAlchemyError as error:
            reason = plain(getattr(error, "orig", None) or error, password)
            raise SourceError(f"{where} 读取失败：{reason}") from None
        finally:
            engine.dispose()

    def _engine(self, password: str) -> sa.Engine:
        server = self._server
        address = sa.URL.create(
            server.driver,
            username=settle(server.user),
            password=password,
            host=settle(server.host),
            port=int(settle(server.port)),
            database=settle(server.database),
            query=server.options,
        )
        try:
            return sa.create_engine(address, poolclass=sa.NullPool, hide_parameters=True)
        except (NoSuchModuleError, ImportError):
            raise SourceError(f"本机没有安装数据库驱动 {server.driver}") from None

    def _query(
        self, connection: sa.Connection, wanted: Span, extraction: Extraction
    ) -> sa.Select[Any]:
        schema, _, name = self._contract.extract.object.rpartition(".")
        table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
        sent = [column.name for column in table.columns]
        columns = self._contract.columns
        where = self._contract.extract.object
        found = match(columns, sent, extraction.drift, where, str.casefold)
        actual = {
            column.name: table.columns[sent[at]] for column, at in zip(columns, found, strict=True)
        }
        extraction.types.update({name: str(of.type).lower() for name, of in actual.items()})
        query = sa.select(*actual.values())
        if self._contract.cursor is None:
            return query
        return _within(query, actual[self._contract.cursor], wanted)

    def _batch(self, rows: Sequence[sa.Row[Any]]) -> pa.RecordBatch:
        names = [column.name for column in self._contract.columns]
        arrays = [
            pa.array([_text(value) for value in values], pa.string())
            for values in zip(*rows, strict=True)
        ]
        return pa.record_batch(arrays, names=names)


def _within(query: sa.Select[Any], cursor: sa.Column[Any], wanted: Span) -> sa.Select[Any]:
    if wanted.start is None:
        return query
    start = cursor >= _bound(cursor, wanted.start)
    if wanted.end is not None:
        return query.where(start, cursor < _bound(cursor, wanted.end))
    return query.where(start | cursor.is_(None))


def _bound(cursor: sa.Column[Any], value: str) -> object:
    """Return a bound of a cursor in the type of its column, as every database compares."""
    if isinstance(cursor.type, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(cursor.type, sa.Date):
        return datetime.fromisoformat(value).date()
    return int(value) if isinstance(cursor.type, sa.Numeric | sa.Integer) else value


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)
