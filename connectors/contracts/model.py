"""The contract of a source table: the one declaration from which everything about it follows.

Field names are those of the Open Data Contract Standard v3 (camelCase in YAML); what the standard
has no word for (``extract``, ``gate``, ``drift``, ``authority``, ``schedule``) is exported as
custom properties. One YAML file declares one table; ``department.yaml`` beside it declares what the
tables of a department share.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from connectors.contracts.base import Odcs, SnakeName, Text
from connectors.contracts.parts import (
    Authority,
    Column,
    Description,
    DriftPolicy,
    Gate,
    SlaProperty,
    Table,
    Team,
)
from connectors.contracts.rest import RestExtract, RestServer
from connectors.contracts.sources import (
    AnyDatabaseServer,
    Extract,
    FileExtract,
    FolderServer,
    HttpServer,
    MysqlServer,
    PostgresqlServer,
    Server,
    SftpServer,
    SqlExtract,
)
from connectors.contracts.streams import MqttExtract, MqttServer

LONGEST_NAME = 55  # of a raw table; PostgreSQL's limit is 63, and its index adds a suffix
CURSOR_TYPES = {"timestamp", "date", "integer"}


class Contract(Odcs):
    """A source table as its department declares it; subclasses fix the kind of source."""

    api_version: Literal["v3.1.0", "v3.2.0"]
    kind: Literal["DataContract"]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["draft", "active", "deprecated"]
    department: SnakeName
    title: Text
    name: Text
    domain: SnakeName
    description: Description
    team: Team
    authority: Authority
    schedule: Annotated[str, Field(pattern=r"^(\S+ ){4}\S+$")]
    server: Server
    extract: Extract
    sla_properties: Annotated[tuple[SlaProperty, ...], Field(strict=False)]
    gate: Gate
    drift: DriftPolicy = DriftPolicy()
    schema_: Annotated[tuple[Table, ...], Field(alias="schema", strict=False)]

    @property
    def cursor(self) -> str | None:
        """Name of the column by which new rows are fetched; ``None``: whole table or files."""
        return None

    @property
    def reconcile(self) -> timedelta | None:
        """How often all keys are read to learn which are gone; ``None``: never by themselves."""
        return None

    @property
    def table(self) -> str:
        """Name of the table within its department."""
        return self.schema_[0].name

    @property
    def identifier(self) -> str:
        """``<department>.<table>``, as people read it."""
        return f"{self.department}.{self.table}"

    @property
    def raw_table(self) -> str:
        """Name of the change log in schema ``raw``."""
        return f"{self.department}__{self.table}"

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in the order of the contract."""
        return self.schema_[0].properties

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that together name a row.

        Parts of a key of several columns may be empty (null and "" are the same then), unless
        they are ``required``; a row whose parts are all empty has no key.
        """
        return tuple(column.name for column in self.columns if column.primary_key)

    @property
    def fresh_within(self) -> timedelta:
        """After this time without a successful run the table counts as stale."""
        return next(p.duration for p in self.sla_properties if p.name == "latency")

    @field_validator("sla_properties")
    @classmethod
    def _each_once_with_latency(cls, found: tuple[SlaProperty, ...]) -> tuple[SlaProperty, ...]:
        names = [p.name for p in found]
        if twice := _repeated(names):
            raise ValueError(f"{twice} is declared twice")
        if "latency" not in names:
            raise ValueError("declare latency: after how long the table counts as stale")
        return found

    @field_validator("schema_")
    @classmethod
    def _one_table(cls, found: tuple[Table, ...]) -> tuple[Table, ...]:
        if len(found) != 1:
            raise ValueError("a contract declares exactly one table")
        return found

    @model_validator(mode="after")
    def _columns_fit_together(self) -> "Contract":
        if twice := _repeated(column.name for column in self.columns):
            raise ValueError(f"two columns are named {twice}")
        if twice := _repeated(column.physical_name for column in self.columns):
            raise ValueError(f"two columns have the physicalName {twice}")
        if not self.key:
            raise ValueError("no column is the primaryKey: the change log needs a key")
        loose = [c.name for c in self.columns if c.primary_key and not c.required]
        if loose and len(self.key) == 1:
            raise ValueError(f"key column {loose[0]} must be required: true")
        if len(self.raw_table) > LONGEST_NAME:
            raise ValueError(f"department and table together exceed {LONGEST_NAME} characters")
        return self


class TableContract(Contract):
    """A table that is asked for anew each time: the whole of it, or what is new by a cursor."""

    extract: SqlExtract | RestExtract

    @property
    def cursor(self) -> str | None:
        """Name of the column by which new rows are fetched; ``None``: the whole table."""
        return self.extract.cursor

    @property
    def reconcile(self) -> timedelta | None:
        """How often all keys of a cursor table are read to learn which are gone."""
        return self.extract.reconcile

    def only_keys(self) -> Self:
        """Return the contract of the same table as far as its key goes, read as a whole."""
        key = tuple(column for column in self.columns if column.primary_key)
        table = self.schema_[0].model_copy(update={"properties": key})
        return self.model_copy(update={"schema_": (table,), "extract": self.extract.whole()})

    @model_validator(mode="after")
    def _cursor_is_an_ordered_column(self) -> Self:
        if self.cursor is None:
            return self
        found = {column.name: column for column in self.columns}.get(self.cursor)
        if found is None:
            raise ValueError(f"cursor {self.cursor} is not a column of the table")
        if found.logical_type not in CURSOR_TYPES or not found.required:
            raise ValueError(
                f"cursor {self.cursor} must be a required timestamp, date or integer column"
            )
        return self


class SqlContract(TableContract):
    """A table or view of a database."""

    server: Annotated[
        PostgresqlServer | MysqlServer | AnyDatabaseServer, Field(discriminator="type")
    ]
    extract: SqlExtract


class RestContract(TableContract):
    """A resource of an HTTP service."""

    server: RestServer
    extract: RestExtract


class FileContract(Contract):
    """A family of files on an SFTP server or in a folder, or one file of a web site."""

    server: Annotated[SftpServer | HttpServer | FolderServer, Field(discriminator="type")]
    extract: FileExtract

    @model_validator(mode="after")
    def _site_names_its_file(self) -> Self:
        if self.server.type == "http" and (
            set(self.extract.object) & set("*?[") or self.extract.ok_flag
        ):
            raise ValueError("a web site cannot be listed: name one file, without ok_flag")
        return self


class StreamContract(Contract):
    """The messages of some topics of a broker."""

    server: MqttServer
    extract: MqttExtract

    @model_validator(mode="after")
    def _topic_is_heard(self) -> "StreamContract":
        if self.extract.object not in self.server.topics:
            raise ValueError(f"{self.extract.object} is not among the topics of the server")
        return self


CONTRACT_KINDS: dict[str, type[Contract]] = {
    "postgresql": SqlContract,
    "mysql": SqlContract,
    "sqlalchemy": SqlContract,
    "rest": RestContract,
    "sftp": FileContract,
    "http": FileContract,
    "folder": FileContract,
    "mqtt": StreamContract,
}


def _repeated(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)
