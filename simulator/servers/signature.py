"""The signature that Chinese government platforms ask of every request.

``sign = hex(algorithm(appKey + timestamp + nonce + appSecret))``; the timestamp is in milliseconds
and good for five minutes; a nonce is good once.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping

WINDOW_MS = 5 * 60 * 1000


class SignatureGate:
    """Judges signed requests for one application; remembers nonces while they could be replayed."""

    def __init__(self, algorithm: str, app_key: str, app_secret: str) -> None:
        self._algorithm = algorithm
        self._app_key = app_key
        self._app_secret = app_secret
        self._nonces: dict[str, int] = {}

    def refusal(self, headers: Mapping[str, str], now_ms: int | None = None) -> str | None:
        """Return why a request with these (lower-case) headers is refused, or None."""
        now = int(time.time() * 1000) if now_ms is None else now_ms
        key, stamp, nonce, sign = (
            headers.get(f"x-{name}", "") for name in ("app-key", "timestamp", "nonce", "sign")
        )
        if not (key and stamp and nonce and sign):
            return "缺少签名请求头"
        if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > WINDOW_MS:
            return "时间戳超出五分钟窗口"
        right = self._sign(stamp, nonce)
        if key != self._app_key or not hmac.compare_digest(right.encode(), sign.lower().encode()):
            return "签名错误"
        return self._use_up(nonce, now)

    def expire(self, headers: Mapping[str, str]) -> str:
        """Let the signature have run out half-way; the next one is good again."""
        return "令牌已过期"

    def _sign(self, stamp: str, nonce: str) -> str:
        text = f"{self._app_key}{stamp}{nonce}{self._app_secret}"
        return hashlib.new(self._algorithm, text.encode(), usedforsecurity=False).hexdigest()

    def _use_up(self, nonce: str, now: int) -> str | None:
        # a stamp may lie a window ahead, so a nonce can be replayed for two windows
        self._nonces = {n: seen for n, seen in self._nonces.items() if now - seen <= 2 * WINDOW_MS}
        if nonce in self._nonces:
            return "随机串重复使用"
        self._nonces[nonce] = now
        return None
