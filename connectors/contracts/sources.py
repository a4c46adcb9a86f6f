"""How a table is fetched: one pair of models (server, extract) for each protocol.

They live beside the contracts, not beside the protocols' code, because Airflow's environment
reads contracts too and has neither Arrow nor any driver. ``connectors.contracts.model`` joins the
pairs; adding a protocol is one pair here and one class in ``connectors/protocols``.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.contracts.base import Secret, Setting, Strict
from connectors.contracts.formats import (
    CsvFormat,
    ExcelFormat,
    GeojsonFormat,
    JsonLinesFormat,
    ParquetFormat,
    ZipArchive,
)
from connectors.contracts.increment import Increment
from connectors.contracts.rest import RestExtract, RestServer
from connectors.contracts.streams import MqttExtract, MqttServer


def _pattern(value: str) -> str:
    if "/" in value:
        raise ValueError("a file pattern names files inside server.directory, without /")
    return value


class SqlServer(Strict):
    """A database server; ``port`` may be a reference."""

    type: Literal["postgresql", "mysql", "sqlalchemy"]
    host: Setting
    port: Setting | int
    database: Setting
    user: Setting
    password: Secret


class PostgresqlServer(SqlServer):
    """A PostgreSQL server; ``sslmode`` is libpq's, ``ca_file`` holds who may vouch for the server.

    Unless said otherwise a server on another machine must show that it is the one (verify-full).
    """

    type: Literal["postgresql"]
    sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] | None = None
    ca_file: Setting | None = None


class MysqlServer(SqlServer):
    """A MySQL or MariaDB server."""

    type: Literal["mysql"]


class AnyDatabaseServer(SqlServer):
    """A database reached by the name of a SQLAlchemy driver, such as ``oracle+oracledb``.

    ``options`` are the driver's own, such as ``{"encrypt": "yes"}``; secrets do not belong there.
    """

    type: Literal["sqlalchemy"]
    driver: Annotated[str, Field(pattern=r"^[a-z]\w*(\+[a-z]\w*)?$")]
    options: dict[str, str] = Field(default_factory=dict)


class SftpServer(Strict):
    """An SFTP server; ``host_key`` is its public key (OpenSSH format), checked strictly."""

    type: Literal["sftp"]
    host: Setting
    port: Setting | int = 22
    user: Setting
    private_key: Secret
    host_key: Secret
    directory: Setting


class HttpServer(Strict):
    """A web site that offers files to everybody, each at ``url`` + ``directory`` + its name."""

    type: Literal["http"]
    url: Setting
    directory: Annotated[str, Field(pattern=r"^(/[\w.~-]+)*/?$")] = "/"
    largest_mb: Annotated[int, Field(ge=1)] = 2048


class FolderServer(Strict):
    """A folder on this machine where a department leaves its files."""

    type: Literal["folder"]
    directory: Setting


Server = Annotated[
    PostgresqlServer
    | MysqlServer
    | AnyDatabaseServer
    | RestServer
    | SftpServer
    | HttpServer
    | FolderServer
    | MqttServer,
    Field(discriminator="type"),
]


class SqlExtract(Increment):
    """A table or view: the whole of it (snapshot), or what is new by a cursor column."""

    object: Annotated[str, Field(pattern=r"^\w+(\.\w+)?$")]


class FileExtract(Strict):
    """Files matching a pattern, each read once; ``ok_flag`` is the suffix of the ready mark.

    ``files``: each brings new and changed rows. ``snapshot``: each is the whole table, so that a
    key it does not show is gone; their names sort by time, and an older one is not read any more.
    """

    object: Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
    mode: Literal["files", "snapshot"]
    ok_flag: Annotated[str, Field(pattern=r"^\.\w+$")] | None = None
    format: Annotated[
        CsvFormat | ExcelFormat | GeojsonFormat | JsonLinesFormat | ParquetFormat,
        Field(discriminator="kind"),
    ]
    archive: ZipArchive | None = None


Extract = SqlExtract | RestExtract | FileExtract | MqttExtract
