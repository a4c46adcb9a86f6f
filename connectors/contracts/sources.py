"""How a table is fetched: one pair of models (server, extract) for each protocol.

They live beside the contracts, not beside the protocols' code, because Airflow's environment
reads contracts too and has neither Arrow nor any driver. ``connectors.contracts.model`` joins the
pairs; adding a protocol is one pair here and one class in ``connectors/protocols``.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.contracts.base import Duration, Secret, Setting, SnakeName, Strict, Text


def _path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("the path of a REST resource starts with /")
    return value


def _pattern(value: str) -> str:
    if "/" in value:
        raise ValueError("a file pattern names files inside server.directory, without /")
    return value


class SqlServer(Strict):
    """A database server; ``port`` may be a reference."""

    type: Literal["postgresql", "mysql"]
    host: Setting
    port: Setting | int
    database: Setting
    user: Setting
    password: Secret


class PostgresqlServer(SqlServer):
    """A PostgreSQL server; ``sslmode`` is libpq's."""

    type: Literal["postgresql"]
    sslmode: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = "prefer"


class MysqlServer(SqlServer):
    """A MySQL or MariaDB server."""

    type: Literal["mysql"]


class Signature(Strict):
    """sign = hex(algorithm(app_key + timestamp + nonce + app_secret)), sent in X- headers."""

    algorithm: Literal["md5", "sha256"]
    app_key: Setting
    app_secret: Secret


class RestServer(Strict):
    """An HTTP service answering JSON."""

    type: Literal["rest"]
    url: Setting
    signature: Signature | None = None


class SftpServer(Strict):
    """An SFTP server; ``host_key`` is its public key (OpenSSH format), checked strictly."""

    type: Literal["sftp"]
    host: Setting
    port: Setting | int = 22
    user: Setting
    private_key: Secret
    host_key: Secret
    directory: Setting


class FolderServer(Strict):
    """A folder on this machine where a department leaves its files."""

    type: Literal["folder"]
    directory: Setting


Server = Annotated[
    PostgresqlServer | MysqlServer | RestServer | SftpServer | FolderServer,
    Field(discriminator="type"),
]


class SqlExtract(Strict):
    """A table or view: the whole of it (snapshot), or what is new by a cursor column."""

    object: Annotated[str, Field(pattern=r"^\w+(\.\w+)?$")]
    mode: Literal["snapshot", "cursor"]
    cursor: SnakeName | None = None
    late_arrival: Duration = timedelta(0)

    @model_validator(mode="after")
    def _cursor_fits_mode(self) -> "SqlExtract":
        if (self.mode == "cursor") != (self.cursor is not None):
            raise ValueError("mode: cursor and the field cursor belong together")
        return self


class Paging(Strict):
    """Pages numbered from 1, asked for by the parameters ``page`` and ``pageSize``."""

    style: Literal["page"]
    page_size: Annotated[int, Field(ge=1, le=10_000)]


class JsonFormat(Strict):
    """A JSON document with a list of flat objects."""

    kind: Literal["json"] = "json"


class GeojsonFormat(Strict):
    """A FeatureCollection: one row per feature, ``geometry`` as compact GeoJSON text."""

    kind: Literal["geojson"]


class RestExtract(Strict):
    """A resource of an HTTP service; ``rows`` and ``total`` are dotted paths into its answer."""

    object: Annotated[str, AfterValidator(_path)]
    mode: Literal["snapshot"]
    paging: Paging | None = None
    rows: Text = "data.rows"
    total: Text | None = None
    format: Annotated[JsonFormat | GeojsonFormat, Field(discriminator="kind")] = JsonFormat()


class CsvFormat(Strict):
    """Delimited text; the encoding is declared and decoded strictly.

    ``quoting: lenient`` reads lines whose quotes are not escaped, where only one reading is
    possible.
    """

    kind: Literal["csv"]
    encoding: Text = "utf-8"
    delimiter: Annotated[str, Field(pattern=r"^[,;|\t^~]$")] = ","
    quoting: Literal["standard", "lenient"] = "standard"

    @model_validator(mode="after")
    def _known_encoding(self) -> "CsvFormat":
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(f"unknown encoding {self.encoding}") from None
        return self


class ExcelFormat(Strict):
    """A sheet whose first ``header_rows`` rows are the header, joined by ``header_separator``."""

    kind: Literal["excel"]
    sheet: Text | None = None
    header_rows: Annotated[int, Field(ge=1, le=5)] = 1
    header_separator: Text = "/"


class JsonLinesFormat(Strict):
    """One JSON object per line, UTF-8."""

    kind: Literal["jsonl"]


class FileExtract(Strict):
    """Files matching a pattern, each read once; ``ok_flag`` is the suffix of the ready mark."""

    object: Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
    mode: Literal["files"]
    ok_flag: Annotated[str, Field(pattern=r"^\.\w+$")] | None = None
    format: Annotated[
        CsvFormat | ExcelFormat | GeojsonFormat | JsonLinesFormat, Field(discriminator="kind")
    ]


Extract = SqlExtract | RestExtract | FileExtract
