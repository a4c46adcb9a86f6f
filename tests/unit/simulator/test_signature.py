"""Who may ask the signed platforms, and who is refused."""

import hashlib

import pytest

from simulator.servers.signature import WINDOW_MS, SignatureGate

NOW = 1_795_000_000_000


def signed(nonce: str, stamp: int = NOW, *, salt: str = "", key: str = "hub") -> dict[str, str]:
    sign = hashlib.sha256(f"{key}{stamp}{nonce}s3cret{salt}".encode()).hexdigest()
    return {"x-app-key": key, "x-timestamp": str(stamp), "x-nonce": nonce, "x-sign": sign}


@pytest.fixture
def gate() -> SignatureGate:
    return SignatureGate("sha256", "hub", "s3cret")


def test_a_good_signature_passes(gate: SignatureGate) -> None:
    assert gate.refusal(signed("a"), NOW) is None


def test_the_case_of_the_signature_does_not_matter(gate: SignatureGate) -> None:
    headers = signed("a")
    assert gate.refusal({**headers, "x-sign": headers["x-sign"].upper()}, NOW) is None


def test_a_nonce_is_good_once(gate: SignatureGate) -> None:
    gate.refusal(signed("a"), NOW)
    assert gate.refusal(signed("a"), NOW) == "随机串重复使用"
    assert gate.refusal(signed("a", NOW + 1000), NOW + 1000) == "随机串重复使用"
    assert gate.refusal(signed("b"), NOW) is None


def test_a_nonce_is_remembered_as_long_as_its_request_could_be_replayed(
    gate: SignatureGate,
) -> None:
    early = signed("a", NOW + WINDOW_MS)
    assert gate.refusal(early, NOW) is None
    assert gate.refusal(early, NOW + 2 * WINDOW_MS) == "随机串重复使用"


@pytest.mark.parametrize("late", [WINDOW_MS + 1, -WINDOW_MS - 1])
def test_a_timestamp_outside_five_minutes_is_refused(gate: SignatureGate, late: int) -> None:
    assert gate.refusal(signed("a", NOW - late), NOW) == "时间戳超出五分钟窗口"


def test_the_edge_of_the_window_still_passes(gate: SignatureGate) -> None:
    assert gate.refusal(signed("a", NOW - WINDOW_MS), NOW) is None


@pytest.mark.parametrize(
    "headers",
    [signed("a", salt="other"), signed("a", key="other"), {**signed("a"), "x-sign": "签名"}],
)
def test_a_wrong_signature_is_refused_and_uses_up_no_nonce(
    gate: SignatureGate, headers: dict[str, str]
) -> None:
    assert gate.refusal(headers, NOW) == "签名错误"
    assert gate.refusal(signed("a"), NOW) is None


@pytest.mark.parametrize("missing", ["x-app-key", "x-timestamp", "x-nonce", "x-sign"])
def test_every_header_is_needed(gate: SignatureGate, missing: str) -> None:
    assert gate.refusal({**signed("a"), missing: ""}, NOW) == "缺少签名请求头"


@pytest.mark.parametrize("stamp", ["soon", "-1", "1.5e12", "１７９５"])
def test_a_timestamp_must_be_digits(gate: SignatureGate, stamp: str) -> None:
    assert gate.refusal({**signed("a"), "x-timestamp": stamp}, NOW) == "时间戳超出五分钟窗口"
