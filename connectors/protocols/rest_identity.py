"""Who we are to an HTTP service: nobody, a signature on every request, or a token from a login.

Neither secrets nor tokens get into messages; a token lives in memory only.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from connectors.contracts.rest import RestServer, Signature, Token
from connectors.protocols.base import SourceError
from connectors.protocols.json_rows import dig
from connectors.protocols.sql import settle

LogIn = Callable[[str, dict[str, str]], Any]


class RefusedError(SourceError):
    """The service does not take us for who we are; ``expired``: perhaps it only forgot us."""

    def __init__(self, where: str, how: str, *, expired: bool) -> None:
        super().__init__(f"{where} 拒绝了我们的身份（{how}）")
        self.expired = expired


class Identity(Protocol):
    """What a request says of who sends it."""

    expired_codes: frozenset[str]

    def headers(self) -> dict[str, str]:
        """Return the headers of one more request."""
        ...

    def renew(self) -> bool:
        """Forget what has run out; return whether another try may go better."""
        ...


def identity(server: RestServer, log_in: LogIn) -> Identity:
    """Return who we are to ``server``; ``log_in`` posts credentials to a path of it."""
    if server.signature is not None:
        return Signed(server.signature)
    if server.token is not None:
        return Bearer(server.token, log_in)
    return Nobody()


class Nobody:
    """The service is open to all."""

    expired_codes: frozenset[str] = frozenset()

    def headers(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def renew(self) -> bool:
        """Return that there is nothing to renew."""
        return False


class Signed(Nobody):
    """Signs every request anew: timestamp in milliseconds, a nonce that is used once."""

    def __init__(self, signature: Signature) -> None:
        self._signature = signature

    def headers(self) -> dict[str, str]:
        """Return key, timestamp, nonce and the signature over them."""
        key, secret = settle(self._signature.app_key), settle(self._signature.app_secret)
        stamp, nonce = str(time.time_ns() // 1_000_000), secrets.token_hex(16)
        return {
            "X-App-Key": key,
            "X-Timestamp": stamp,
            "X-Nonce": nonce,
            "X-Sign": self._sign(f"{key}{stamp}{nonce}", secret),
        }

    def _sign(self, text: str, secret: str) -> str:
        algorithm = self._signature.algorithm
        if algorithm == "hmac_sha256":
            return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
        return hashlib.new(algorithm, f"{text}{secret}".encode()).hexdigest()


class Bearer:
    """Logs in when a token is first needed, and again after it has run out."""

    def __init__(self, declared: Token, log_in: LogIn) -> None:
        self.expired_codes = frozenset(declared.expired_codes)
        self._declared = declared
        self._log_in = log_in
        self._token: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the token's header; logs in when there is no token.

        Raises:
            SourceError: the login fails or its answer holds no token.
        """
        if self._token is None:
            self._token = self._new_token()
        return {self._declared.header: self._declared.prefix + self._token}

    def renew(self) -> bool:
        """Forget the token, so that the next request logs in again."""
        self._token = None
        return True

    def _new_token(self) -> str:
        declared = self._declared
        credentials = {
            declared.user_field: settle(declared.user),
            declared.password_field: settle(declared.password),
        }
        token = dig(self._log_in(declared.login, credentials), declared.token)
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
            raise SourceError(f"{declared.login} 的应答里没有令牌 {declared.token}")
        return str(token)
