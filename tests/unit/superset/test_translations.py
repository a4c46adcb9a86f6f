"""Our Chinese texts of Superset's interface."""

import re

import pytest
import yaml

from superset_assets.bundle import HERE

TEXTS: dict[str, str] = yaml.safe_load((HERE / "zh.yaml").read_text("utf-8"))
PLACE = re.compile(r"%(?:\(\w+\))?[sd]")


@pytest.mark.parametrize("english", [text for text in TEXTS if PLACE.search(TEXTS[text])])
def test_a_translation_fills_in_nothing_that_the_original_does_not(english: str) -> None:
    assert sorted(PLACE.findall(TEXTS[english])) == sorted(PLACE.findall(english))


def test_every_text_is_chinese() -> None:
    latin = {english for english, chinese in TEXTS.items() if not re.search("[一-鿿]", chinese)}
    assert latin == set()
