"""What every part of a contract shares: strictness, and the small types its fields are made of."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from connectors.contracts.references import check_references, check_secret

DURATION = re.compile(r"(\d+)\s*([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def camel(name: str) -> str:
    """Turn ``physical_name`` into ODCS's ``physicalName``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Strict(BaseModel):
    """A part of a contract: unknown fields and wrong types are errors, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Odcs(Strict):
    """A part whose field names are those of the Open Data Contract Standard (camelCase)."""

    model_config = ConfigDict(alias_generator=camel)


def _duration(value: Any) -> Any:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a duration as 2d, 12h or 30m")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


SnakeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Setting = Annotated[str, Field(min_length=1), AfterValidator(check_references)]
Secret = Annotated[str, AfterValidator(check_secret)]
