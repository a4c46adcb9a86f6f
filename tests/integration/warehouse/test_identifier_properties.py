"""What holds for every identifier, not only for examples; with python-stdnum where it is right."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from hub.pipeline.build import build
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

Judge = Callable[..., list[tuple[Any, ...]]]
TODAY = date(2026, 11, 21)
# One query judges a whole list, so that a handful of examples is thousands of numbers. The
# assertion says which of them is wrong: no list need be made shorter, which takes five minutes.
several = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)

SERIALS = st.integers(0, 999).map("{:03d}".format)
BIRTHS = st.dates(date(1910, 1, 1), TODAY)
COUNTIES = st.sampled_from(["440304", "110105", "310101", "510104"])
OUTER, INNER = "0123456789ABCDEFGHJKLMNPQRTUWXY", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.fixture(scope="module")
def judge(empty_warehouse: Warehouse) -> Judge:
    """Call a cleaning function on many values: ``judge('phone', raws)`` → a row for each."""
    build(empty_warehouse.settings, selection="resource_type:function")
    connection = empty_warehouse.connect()

    def call(function: str, raws: list[str], *arguments: object) -> list[tuple[Any, ...]]:
        places = "".join([", %s"] * len(arguments))
        return connection.execute(
            f"select judged.* from unnest(%s::text[]) with ordinality as given (raw, place)"
            f" cross join lateral staging.{function}(raw{places}) as judged order by place",
            [raws, *arguments],
        ).fetchall()

    return call


def bodies() -> st.SearchStrategy[list[str]]:
    """Draw first seventeen digits of resident identity numbers."""
    body = st.builds(lambda county, birth, serial: f"{county}{birth:%Y%m%d}{serial}",
                     COUNTIES, BIRTHS, SERIALS)  # fmt: skip
    return st.lists(body, min_size=50, max_size=200)


@several
@given(bodies(), st.sampled_from("0123456789X"))
def test_the_check_digit_is_the_one_that_another_implementation_finds(
    judge: Judge, drawn: list[str], last: str
) -> None:
    for body, judged in zip(drawn, judge("identity_document", [b + last for b in drawn], TODAY),
                            strict=True):  # fmt: skip
        right = ric.calc_check_digit(body + "0") == last
        rounded = (body + last).endswith("000")  # the mark of a spreadsheet
        status = {(True, False): "ok", (False, True): "invalid"}.get((right, rounded), "suspect")
        assert judged[1] == status, body


@several
@given(bodies())
def test_any_single_mistyped_digit_is_noticed(judge: Judge, drawn: list[str]) -> None:
    numbers = [body + ric.calc_check_digit(body + "0") for body in drawn]
    wrong = [n[:16] + str((int(n[16]) + 1 + i % 9) % 10) + n[17] for i, n in enumerate(numbers)]
    assert {judged[1] for judged in judge("identity_document", wrong, TODAY)} <= {
        "suspect",
        "invalid",
    }


@several
@given(bodies())
def test_fifteen_digits_become_the_eighteen_of_the_same_person(
    judge: Judge, drawn: list[str]
) -> None:
    old = [body for body in drawn if body[6:8] == "19"]
    upgraded = judge("identity_document", [body[:6] + body[8:] for body in old], TODAY)
    assert [row[:3] for row in upgraded] == [
        (body + ric.calc_check_digit(body + "0"), "repaired", "upgraded_15_digits") for body in old
    ]


@several
@given(bodies())
def test_dirt_around_a_number_changes_nothing_but_the_status(
    judge: Judge, drawn: list[str]
) -> None:
    numbers = [body + ric.calc_check_digit(body + "0") for body in drawn]
    full_width = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    dirty = [f" {n[:6]} {n[6:14]}-{n[14:]}\u200b".lower().translate(full_width) for n in numbers]
    for clean, soiled in zip(judge("identity_document", numbers, TODAY),
                             judge("identity_document", dirty, TODAY), strict=True):  # fmt: skip
        # what is doubtful in itself, for it ends like a rounded number, stays doubtful
        judged = ("repaired", "tidied") if clean[1] == "ok" else clean[1:3]
        assert soiled == (clean[0], *judged, *clean[3:])


@several
@given(st.lists(st.text(max_size=30).filter(lambda text: "\0" not in text), min_size=1))
def test_no_text_whatever_is_an_error(judge: Judge, drawn: list[str]) -> None:
    for function in ("credit_code", "organisation_code", "grid_code", "component_code",
                     "house_code", "region_code", "phone"):  # fmt: skip
        assert len(judge(function, drawn)) == len(drawn)
    for value, status, *_ in judge("identity_document", drawn, TODAY):
        assert status in (None, "ok", "repaired", "suspect", "invalid")
        assert (value is None) == (status in (None, "invalid"))


@several
@given(
    st.lists(
        st.tuples(st.text(INNER, min_size=8, max_size=8), st.sampled_from(OUTER)),
        min_size=50,
        max_size=200,
    )
)
def test_credit_codes_are_right_when_both_their_checks_are(
    judge: Judge, drawn: list[tuple[str, str]]
) -> None:
    """python-stdnum knows the outer check only; the inner one is the organisation code's."""
    organisations = judge("organisation_code", [body + "0" for body, _ in drawn])
    codes = [f"91440304{body}0{last}" for body, last in drawn]
    for organisation, code, judged in zip(organisations, codes, judge("credit_code", codes),
                                          strict=True):  # fmt: skip
        right = uscc.is_valid(code) and organisation[1] == "ok"
        assert (judged[1] == "ok") == right, code
