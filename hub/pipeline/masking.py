"""What people may see of a row that was refused: enough to find the fault, nothing of a person."""

import unicodedata
from collections.abc import Mapping

from connectors.contracts import Contract

PUBLIC = {"L1", "L2"}


def masked(payload: Mapping[str, str | None], contract: Contract | None) -> dict[str, str | None]:
    """Return what was received, with every value that may be personal replaced by its shape.

    Only columns that the contract classifies L1 or L2 are shown; a line that could not be parsed
    may hold anything.
    """
    columns = contract.columns if contract else ()
    shown = {column.name for column in columns if column.classification in PUBLIC}
    return {
        name: value if value is None or name in shown else shape(value)
        for name, value in payload.items()
    }


def shape(value: str) -> str:
    """Replace every digit by 0, every Latin letter by x, every other letter by 某.

    Punctuation, spaces and controls stay: they are what usually breaks a line.

    >>> shape('1,"王小明",A-7')
    '0,"某某某",x-0'
    """
    return "".join(map(_stand_in, value))


def _stand_in(character: str) -> str:
    kind = unicodedata.category(character)[0]
    if kind == "N":
        return "0"
    if kind in "LM":
        return "x" if character.isascii() else "某"
    return character
