"""Packages that are put off: not imported when named, whole when used."""

import subprocess
import sys

SCRIPT = """
import sys
from expectations.later import later
later("xml.dom.minidom", "colorsys")
from xml.dom import minidom
import colorsys
import colorsys as named
print("defaultdom" in str(sys.modules.keys()), "rgb_to_hsv" in vars(sys.modules["colorsys"]))
print(named.rgb_to_hsv(0, 0, 0), minidom.parseString("<a/>").documentElement.tagName)
import colorsys as real
print("rgb_to_hsv" in vars(real), real.rgb_to_hsv is colorsys.rgb_to_hsv)
"""


def test_a_module_is_imported_when_it_is_first_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["False False", "(0.0, 0.0, 0) a", "True True"]


def test_great_expectations_does_without_what_is_put_off() -> None:
    script = (
        "import sys; from expectations import engine; engine._context();"
        "print(sorted({'scipy.optimize', 'altair.vegalite'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
