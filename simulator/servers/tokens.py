"""Tokens that a login gives out: good for a while, until they are taken back or time runs out."""

import hmac
import secrets
import time
from collections.abc import Mapping

LIFETIME_SECONDS = 1800
EXPIRED = "令牌已过期"


class TokenGate:
    """Gives tokens to one user, and judges requests by them (``Authorization: Bearer …``)."""

    def __init__(self, user: str, password: str, lifetime_seconds: int = LIFETIME_SECONDS) -> None:
        self._user = user
        self._password = password
        self.lifetime_seconds = lifetime_seconds
        self._ends: dict[str, int] = {}

    def issue(self, user: str, password: str, now_ms: int | None = None) -> str | None:
        """Return a new token, or None when these are not the user's name and password."""
        known = hmac.compare_digest(user.encode(), self._user.encode())
        if not (hmac.compare_digest(password.encode(), self._password.encode()) and known):
            return None
        now, token = _now(now_ms), secrets.token_urlsafe(32)
        self._ends = {old: end for old, end in self._ends.items() if end > now}
        self._ends[token] = now + self.lifetime_seconds * 1000
        return token

    def refusal(self, headers: Mapping[str, str], now_ms: int | None = None) -> str | None:
        """Return why a request with these (lower-case) headers is refused, or None."""
        token = _token(headers)
        if not token:
            return "缺少令牌"
        end = self._ends.get(token)
        return EXPIRED if end is None or end <= _now(now_ms) else None

    def expire(self, headers: Mapping[str, str]) -> str:
        """Take back the token of a request; return why it is refused."""
        self._ends.pop(_token(headers), None)
        return EXPIRED


def _token(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _now(now_ms: int | None) -> int:
    return int(time.time() * 1000) if now_ms is None else now_ms
