"""Where packages come from: whatever pip is configured for on this machine, said to uv."""

import ast
import subprocess
from collections.abc import Mapping
from pathlib import Path

# How pip's settings are called by uv. Where several indexes have a package, pip compares them all;
# uv would stop at the first. Every file's hash is pinned, so comparing all is safe.
SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
SOURCES = ("extra-index-url", "find-links")


def uv_environment(pip: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with pip's sources added for uv; what is set for uv already wins."""
    listed = subprocess.run(
        [str(pip), "config", "list"], capture_output=True, text=True, check=False
    )
    translated = translate(listed.stdout) | {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    return translated | dict(environment)


def translate(config_list: str) -> dict[str, str]:
    """Translate the output of ``pip config list`` (``global.index-url='…'`` per line) for uv.

    As in pip, an environment variable wins over the section ``install``, and that over ``global``.
    """
    found: dict[str, tuple[int, str]] = {}
    for line in config_list.splitlines():
        key, separator, quoted = line.partition("=")
        section, _, name = key.strip().rpartition(".")
        rank = {"global": 1, "install": 2, ":env:": 3}.get(section, 0)
        if separator and rank and rank > found.get(name, (0, ""))[0]:
            found[name] = (rank, _value(quoted))
    said = {
        SAME[name]: _without_missing_folders(value) if name in SOURCES else value
        for name, (_, value) in found.items()
        if name in SAME
    }
    said = {name: value for name, value in said.items() if value}
    if said.get("UV_NO_INDEX", "").lower() in ("0", "false", "no", "off"):
        del said["UV_NO_INDEX"]
    if "UV_FIND_LINKS" in said:
        said["UV_FIND_LINKS"] = said["UV_FIND_LINKS"].replace(" ", ",")
    return said


def _without_missing_folders(sources: str) -> str:
    """Leave out local folders that are not there: pip passes over them, uv would stop."""
    kept = []
    for source in sources.split():
        path = source.removeprefix("file://")
        if not path.startswith("/") or Path(path).exists():
            kept.append(source)
    return " ".join(kept)


def _value(quoted: str) -> str:
    try:
        value = str(ast.literal_eval(quoted.strip()))
    except (SyntaxError, ValueError):
        value = quoted.strip()
    return " ".join(value.split())
