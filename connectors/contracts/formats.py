"""How what a source sends is written: the part of a contract that a reader needs."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectors.contracts.base import Strict, Text


class JsonFormat(Strict):
    """A JSON document with a list of flat objects."""

    kind: Literal["json"] = "json"


class GeojsonFormat(Strict):
    """A FeatureCollection: one row per feature, ``geometry`` as compact GeoJSON text."""

    kind: Literal["geojson"]


class CsvFormat(Strict):
    """Delimited text; the encoding is declared and decoded strictly.

    ``fallback_encoding`` is for departments that send now UTF-8, now their old encoding: a file
    that is UTF-8 from end to end is read as such, any other in the fallback, just as strictly.
    ``quoting: lenient`` reads lines whose quotes are not escaped, where only one reading is
    possible.
    """

    kind: Literal["csv"]
    encoding: Text = "utf-8"
    fallback_encoding: Text | None = None
    delimiter: Annotated[str, Field(pattern=r"^[,;|\t^~]$")] = ","
    quoting: Literal["standard", "lenient"] = "standard"

    @model_validator(mode="after")
    def _known_encoding(self) -> "CsvFormat":
        for encoding in filter(None, (self.encoding, self.fallback_encoding)):
            try:
                "".encode(encoding)
            except LookupError:
                raise ValueError(f"unknown encoding {encoding}") from None
        if self.fallback_encoding and self.encoding != "utf-8":
            raise ValueError("only UTF-8 can be told apart: fallback_encoding needs encoding utf-8")
        return self


class ExcelFormat(Strict):
    """Sheets whose first rows are a title, then a header joined by ``header_separator``, then data.

    ``sheet`` is a name, or a pattern (``*``) of sheets that are read one after another; without it
    the first sheet is read. ``title_rows`` above the header say nothing of the columns.
    """

    kind: Literal["excel"]
    sheet: Text | None = None
    title_rows: Annotated[int, Field(ge=0, le=20)] = 0
    header_rows: Annotated[int, Field(ge=1, le=5)] = 1
    header_separator: Text = "/"


class JsonLinesFormat(Strict):
    """One JSON object per line, UTF-8."""

    kind: Literal["jsonl"]


class ParquetFormat(Strict):
    """Apache Parquet; typed values become text."""

    kind: Literal["parquet"]


class ZipArchive(Strict):
    """A zip archive around files of the format; ``entries`` is a pattern of their names."""

    kind: Literal["zip"]
    entries: Text = "*"
