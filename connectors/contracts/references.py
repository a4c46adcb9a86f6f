"""References to settings and secrets in contracts: ``${ENV}`` and ``${file:ENV}``.

A contract never holds a secret. It names the environment variable that does (``${ENV}``) or
the environment variable that names the file that does (``${file:ENV}``). References stay
unresolved in memory, logs, ledger and exports; only a protocol resolves them, when it connects.
"""

import os
import re
from pathlib import Path

REFERENCE = re.compile(r"\$\{(?P<file>file:)?(?P<name>[A-Z][A-Z0-9_]*)\}")


class ReferenceUnresolvedError(Exception):
    """A referenced environment variable or secret file is absent; names it, never its value."""


def check_references(text: str) -> str:
    """Return ``text`` unchanged, or raise ``ValueError`` when a ``${…}`` in it is malformed."""
    if "${" in REFERENCE.sub("", text):
        raise ValueError("write references as ${NAME} or ${file:NAME}, NAME in capitals")
    return text


def check_secret(text: str) -> str:
    """Return ``text`` when it is one reference and nothing else; a literal secret is refused."""
    if not REFERENCE.fullmatch(text):
        raise ValueError("a secret must be a reference: ${NAME} or ${file:NAME}, never the value")
    return text


def resolve(text: str) -> str:
    """Replace every reference in ``text`` by its value (files lose their trailing newline).

    Raises:
        ReferenceUnresolvedError: a variable is not set or its file cannot be read.
    """
    return REFERENCE.sub(_value, text)


def _value(match: re.Match[str]) -> str:
    name = match["name"]
    value = os.environ.get(name)
    if value is None:
        raise ReferenceUnresolvedError(f"environment variable {name} is not set")
    if not match["file"]:
        return value
    try:
        return Path(value).read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ReferenceUnresolvedError(
            f"the file named by environment variable {name}: {reason}"
        ) from None
