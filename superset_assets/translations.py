"""Chinese texts of Superset's interface: the shipped ones without the guessed, plus our own.

A third of the Chinese that Superset ships is marked *fuzzy*, that is, guessed by a tool from a
similar English text, and shown all the same ("Sign in" reads "Not In"). Here those are dropped and
replaced by ``zh.yaml``. Superset's installation stays as it is: the corrected texts are written
beside the caches and found there by Flask-Babel (server) and by the route below (browser).
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Response, send_file

OURS = Path(__file__).with_name("zh.yaml")


def blueprint(folder: Path) -> Blueprint:
    """Write the corrected texts below ``folder`` and return the route that serves them.

    The route is more specific than Superset's own ``/superset/language_pack/<lang>/``, so it wins,
    and it asks for no right: the login page needs it before anyone has one.
    """
    pack = write(folder)
    pages = Blueprint("hub_translations", __name__)

    @pages.get("/superset/language_pack/zh/")
    def chinese() -> Response:
        return send_file(pack, mimetype="application/json", max_age=3600)

    return pages


def write(folder: Path) -> Path:
    """Write ``messages.mo`` and ``messages.json`` below ``folder``; return the latter."""
    import superset

    shipped = Path(superset.__file__).parent / "translations" / "zh" / "LC_MESSAGES"
    ours: dict[str, str] = yaml.safe_load(OURS.read_text("utf-8"))
    guessed = _guessed(shipped / "messages.po")
    target = folder / "zh" / "LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)

    over = Catalog(locale="zh")
    for english in sorted(guessed - ours.keys()):
        over.add(english, english)
    for english, chinese in ours.items():
        over.add(english, chinese)
    replace_file(target / "messages.mo", lambda file: write_mo(file, over))

    pack = json.loads((shipped / "messages.json").read_text("utf-8"))
    texts: dict[str, Any] = pack["locale_data"]["superset"]
    for english in guessed:
        texts.pop(english, None)
    texts.update({english: [chinese] for english, chinese in ours.items()})
    replace_file(
        target / "messages.json",
        lambda file: file.write(json.dumps(pack, ensure_ascii=False).encode("utf-8")),
    )
    return target / "messages.json"


def _guessed(catalog_file: Path) -> set[str]:
    with catalog_file.open("rb") as file:
        catalog = read_po(file, locale="zh")
    fuzzy = (message.id for message in catalog if message.id and message.fuzzy)
    return {text if isinstance(text, str) else text[0] for text in fuzzy}


def replace_file(file: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Replace ``file`` in one step: several workers start at once."""
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as open_file:
        fill(open_file)
    part.replace(file)
