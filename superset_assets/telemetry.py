"""Keeps Superset's pages from loading a picture from its makers' counting service.

Every page of Superset draws an invisible picture from an outside host, and no setting turns that
off. The content security policy stops the request, yet every page then reports an error. So the one
script that names the host is served without the name, from a copy beside the caches.
"""

import re
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

PIXEL = re.compile(rb"`https://[a-z.]*scarf\.sh/pixel/[^`]*`")
NOTHING = b'"data:,"'


def blueprint(folder: Path) -> Blueprint:
    """Write the cleaned scripts below ``folder`` and return the routes that serve them."""
    pages = Blueprint("hub_telemetry", __name__)
    folder.mkdir(parents=True, exist_ok=True)
    for name in clean(folder):

        @pages.get(f"/static/assets/{name}", endpoint=name.replace(".", "_"))
        def script(name: str = name) -> Response:
            return send_from_directory(folder, name)

    return pages


def clean(folder: Path) -> list[str]:
    """Write the scripts that name the counting service without it; return their file names."""
    import superset

    from superset_assets.translations import replace_file

    names = []
    for script in (Path(superset.__file__).parent / "static" / "assets").glob("*.js"):
        text = script.read_bytes()
        if b"scarf.sh/pixel" in text:
            cleaned = PIXEL.sub(NOTHING, text)
            replace_file(folder / script.name, lambda file, cleaned=cleaned: file.write(cleaned))
            names.append(script.name)
    return names
