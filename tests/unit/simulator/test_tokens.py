"""Tokens of the grid system: for the right user, for a while, until taken back."""

import pytest

from simulator.servers.tokens import EXPIRED, TokenGate

NOON = 1_795_000_000_000


@pytest.fixture
def gate() -> TokenGate:
    return TokenGate("hub", "right", lifetime_seconds=60)


def shows(token: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("user", "password"), [("hub", "wrong"), ("root", "right"), ("", "")])
def test_only_the_right_user_gets_a_token(gate: TokenGate, user: str, password: str) -> None:
    assert gate.issue(user, password, NOON) is None


def test_a_token_is_good_until_its_time_is_over(gate: TokenGate) -> None:
    token = gate.issue("hub", "right", NOON)
    assert gate.refusal(shows(token), NOON + 59_999) is None
    assert gate.refusal(shows(token), NOON + 60_000) == EXPIRED


def test_a_new_login_leaves_the_old_token_alone(gate: TokenGate) -> None:
    first, second = (gate.issue("hub", "right", NOON) for _ in "ab")
    assert first != second
    assert gate.refusal(shows(first), NOON) is None


def test_a_token_taken_back_is_never_good_again(gate: TokenGate) -> None:
    token = gate.issue("hub", "right", NOON)
    assert gate.expire(shows(token)) == EXPIRED
    assert gate.refusal(shows(token), NOON) == EXPIRED


@pytest.mark.parametrize("headers", [{}, {"authorization": "abc"}, {"authorization": "Basic abc"}])
def test_a_request_without_a_token_is_told_so(gate: TokenGate, headers: dict[str, str]) -> None:
    assert gate.refusal(headers, NOON) == "缺少令牌"


def test_an_invented_token_is_no_better_than_one_that_ran_out(gate: TokenGate) -> None:
    assert gate.refusal(shows("invented"), NOON) == EXPIRED
