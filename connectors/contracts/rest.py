"""How a resource of an HTTP service is fetched: who we are there, page by page, since when."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.contracts.base import Secret, Setting, Strict, Text
from connectors.contracts.formats import GeojsonFormat, JsonFormat
from connectors.contracts.increment import Increment

PageSize = Annotated[int, Field(ge=1, le=10_000)]


def _path(value: str) -> str:
    if not value.startswith("/") or value.startswith("//"):
        raise ValueError("the path of a REST resource starts with one /")
    return value


Path = Annotated[str, AfterValidator(_path)]


class Signature(Strict):
    """Every request is signed, in X- headers.

    ``md5``, ``sha256``: hex(algorithm(app_key + timestamp + nonce + app_secret));
    ``hmac_sha256``: hex(HMAC-SHA256(app_secret, app_key + timestamp + nonce)).
    """

    algorithm: Literal["md5", "sha256", "hmac_sha256"]
    app_key: Setting
    app_secret: Secret


class Token(Strict):
    """A token from a login, sent with every request and fetched anew once it has run out.

    The login is a POST of ``{user_field: user, password_field: password}`` to ``login``; ``token``
    is the dotted path of the token in its answer. A token has run out when the service says so by
    HTTP 401 or by one of ``expired_codes`` as the ``code`` of its answer.
    """

    login: Path
    user: Setting
    password: Secret
    user_field: Text = "username"
    password_field: Text = "password"  # noqa: S105 - the field's name
    token: Text = "data.token"  # noqa: S105 - a path
    header: Text = "Authorization"
    prefix: str = "Bearer "
    expired_codes: Annotated[tuple[str, ...], Field(strict=False)] = ("401",)


class RestServer(Strict):
    """An HTTP service answering JSON, open to all or asking who we are in one way."""

    type: Literal["rest"]
    url: Setting
    signature: Signature | None = None
    token: Token | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.signature is not None and self.token is not None:
            raise ValueError("a service asks for a signature or a token, not for both")
        return self


class PagePaging(Strict):
    """Pages numbered from ``first``, until the total is met or a page is short."""

    style: Literal["page"]
    page_size: PageSize
    page_parameter: Text = "page"
    size_parameter: Text = "pageSize"
    first: Literal[0, 1] = 1


class OffsetPaging(Strict):
    """So many rows from a position on, until the total is met or a page is short."""

    style: Literal["offset"]
    page_size: PageSize
    offset_parameter: Text = "offset"
    size_parameter: Text = "limit"


class CursorPaging(Strict):
    """Each answer names the mark of the next page (``next``, a dotted path); the last has none."""

    style: Literal["cursor"]
    page_size: PageSize
    next: Text
    cursor_parameter: Text = "cursor"
    size_parameter: Text = "limit"


class LinkPaging(Strict):
    """Each answer holds the address of the next page, on the same host.

    It stands at the dotted path ``next``, or without one in the header ``Link`` as rel="next".
    """

    style: Literal["link"]
    next: Text | None = None
    page_size: PageSize | None = None
    size_parameter: Text = "limit"


Paging = Annotated[
    PagePaging | OffsetPaging | CursorPaging | LinkPaging, Field(discriminator="style")
]


class RestExtract(Increment):
    """A resource of an HTTP service; ``rows`` and ``total`` are dotted paths into its answer.

    With ``mode: cursor``, ``since`` names the parameter that asks for what changed from a moment
    (or number) on. An answer larger than ``largest_answer_mb`` (unpacked) is refused.
    """

    object: Path
    since: Text | None = None
    paging: Paging | None = None
    rows: Text = "data.rows"
    total: Text | None = None
    format: Annotated[JsonFormat | GeojsonFormat, Field(discriminator="kind")] = JsonFormat()
    largest_answer_mb: Annotated[int, Field(ge=1, le=1024)] = 64

    def whole(self) -> Self:
        """Return the same extract as a snapshot of the whole resource."""
        return super().whole().model_copy(update={"since": None})

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        if (self.mode == "cursor") != (self.since is not None):
            raise ValueError("mode: cursor and the field since (a parameter) belong together")
        if isinstance(self.format, GeojsonFormat) and self.paging is not None:
            raise ValueError("a FeatureCollection is read in one piece, without paging")
        return self
