"""Which web pages may use the API: a browser names the page's origin, other clients name none."""

from typing import Final
from urllib.parse import urlsplit

from app.settings import Settings
from app.wire.headers import Headers

_SCHEMES: Final = ("http", "https")
_OWN_PAGES: Final = (b"same-origin", b"none")
"""`Sec-Fetch-Site` of a page of the host itself, and of what a person asked a browser for."""


class Origins:
    """The origins whose pages may come; without a list those of the host that was asked itself."""

    def __init__(self, settings: Settings) -> None:
        self._listed = listed_origins(settings)
        self._own = origin_of(settings.public_base_url)

    def allow(self, headers: Headers) -> bool:
        """Whether a handshake with these headers is let in."""
        given = headers.get(b"origin")
        if given is None:
            return True
        origin = origin_of(given.decode("latin-1"))
        if origin is None:
            return False
        if self._listed:
            return origin in self._listed
        host = headers.get(b"host", b"").decode("latin-1").lower()
        return origin == self._own or origin[1] == host

    def allow_request(self, headers: Headers) -> bool:
        """Whether a request with these headers is answered.

        Browsers tell whose page sent a request (Fetch Metadata), also where they name no origin,
        as for an image, a form or a link; no page can change what they tell.
        """
        site = headers.get(b"sec-fetch-site")
        if site in _OWN_PAGES:
            return True
        if site is not None and b"origin" not in headers:
            return False
        return self.allow(headers)


def listed_origins(settings: Settings) -> frozenset[tuple[str, str]]:
    """The origins that the settings list."""
    return frozenset(filter(None, map(origin_of, settings.allowed_origin_list())))


def origin_of(url: str) -> tuple[str, str] | None:
    """Scheme and host with port of a URL, as browsers write them; None for what has none.

    >>> origin_of("HTTPS://Minplan.example:443/graphql"), origin_of("null")
    (('https', 'minplan.example'), None)
    >>> origin_of("http://[::1]:8000")
    ('http', '[::1]:8000')
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, host if port in (None, default) else f"{host}:{port}"
