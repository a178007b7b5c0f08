"""Asking a server for JSON: the one module that reaches the network, and only for who asks for it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rcp_geo._optional import require
from rcp_geo.citation import version
from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.io.json import load_json
from rcp_geo.io.safety import MAX_FILE, megabytes, shown

if TYPE_CHECKING:
    import requests

__all__ = ["EXTRA", "Web", "connect", "require_safe"]

EXTRA = "fetch"

# Seconds to connect, and to wait for the next piece of an answer: long, for a server that has full lines to look out.
_TIMEOUT = (10.0, 60.0)
_TRIES = 5
# Waits double from one second, so that five tries span a quarter of a minute; a server may ask for longer, up to this.
_LONGEST_WAIT = 60
_REDIRECTS = 3
_CHUNK = 1 << 16
# Too many requests, and the faults of a server that another try may not meet.
_PASSING = frozenset({429, 500, 502, 503, 504})
_SAFE = re.compile(r"(https://[^/?#\s@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(?=[/?#]|$)", re.IGNORECASE)


class _PassingError(Exception):
    """A fault that another try may not meet; with the wait that the server asked for, in seconds."""

    def __init__(self, what: str, wait: int = 0) -> None:
        super().__init__(what)
        self.wait = wait


def require_safe(url: str) -> None:
    """Raise for an address that is neither encrypted nor on this machine.

    Raises
    ------
    InputError
        If anyone on the way could change what it answers.
    """
    if not _SAFE.match(url):
        raise InputError(f"service: {shown(url)} is not an https address; pass one that begins with https://")


@dataclass(frozen=True)
class Web:
    """An open session with servers; made by :func:`connect`."""

    session: requests.Session

    def get(self, url: str, query: Mapping[str, str | int]) -> tuple[bytes, dict[str, Any]]:
        """Ask for a JSON object, again where that may help, and return its bytes and what they say.

        Raises
        ------
        IntegrityError
            If the server cannot be reached, refuses, or answers with something else.
        """
        wait, fault = 0, _PassingError("")
        for attempt in range(_TRIES):
            if attempt:
                _sleep(max(wait, 1 << (attempt - 1)))
            try:
                body = self._read(url, query)
                return body, _understood(body, url)
            except _PassingError as error:
                fault, wait = error, error.wait
            if wait > _LONGEST_WAIT:
                raise IntegrityError(f"{url}: the server asks to wait {wait} s ({fault}); call again after that time")
        raise IntegrityError(
            f"{url}: {fault}, {_TRIES} times; check the connection and call again, which goes on from what has arrived"
        ) from fault

    def _read(self, url: str, query: Mapping[str, str | int]) -> bytes:
        import requests

        try:
            return self._follow(url, query)
        except requests.RequestException as error:
            # Those about the address itself are ValueErrors too.
            if isinstance(error, ValueError):
                raise InputError(f"service: {shown(url)} is not an address ({shown(error)}); correct it") from error
            raise _PassingError(f"the server cannot be reached or broke off ({shown(error)})") from error

    def _follow(self, url: str, query: Mapping[str, str | int]) -> bytes:
        at, params = url, dict(query)
        for _ in range(_REDIRECTS + 1):
            with self.session.get(at, params=params, timeout=_TIMEOUT, stream=True, allow_redirects=False) as response:
                if response.next is None:
                    return _body(response, url)
                at, params = str(response.next.url), {}
            if not _SAFE.match(at):
                raise IntegrityError(
                    f"{url}: the server sends on to {shown(at)}, which is not https; nothing was taken"
                )
        raise IntegrityError(f"{url}: the server sends on more than {_REDIRECTS} times; look the address up again")


@contextmanager
def connect() -> Iterator[Web]:
    """Open a session, with the proxies that the machine is set up for and without anyone's credentials.

    Raises
    ------
    MissingExtraError
        If requests is not installed.
    """
    require("requests", EXTRA)
    import requests

    with requests.Session() as session:
        session.headers.update({"User-Agent": f"rcp-geo/{version()}", "Accept-Encoding": "gzip"})
        # Or requests would send what a .netrc holds for the host.
        session.auth = _no_credentials
        yield Web(session)


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _body(response: requests.Response, url: str) -> bytes:
    if response.status_code in _PASSING:
        asked = response.headers.get("Retry-After", "")
        # The other form is a date, which means nothing without a clock.
        wait = int(asked) if re.fullmatch(r"\d{1,6}", asked) else 0
        raise _PassingError(f"the server answers {response.status_code} {shown(response.reason or '')}", wait)
    if response.status_code != 200:
        raise IntegrityError(
            f"{url}: the server answers {response.status_code} {shown(response.reason or '')}; {_LOOK_UP}"
        )
    packed = response.headers.get("Content-Encoding", "")
    if packed not in ("", "gzip"):
        # A piece of gzip unpacks to 1,032 times its size at most (zlib.org/zlib_tech.html). Others have no such bound, nor
        # has gzip within gzip.
        raise IntegrityError(f"{url}: the answer is packed as {shown(packed)}, which was not asked for; {_LOOK_UP}")
    pieces, size = [], 0
    for piece in response.iter_content(_CHUNK):
        size += len(piece)
        if size > MAX_FILE:
            raise IntegrityError(f"{url}: the answer is above the {megabytes(MAX_FILE)} that are read; {_LOOK_UP}")
        pieces.append(piece)
    return b"".join(pieces)


_LOOK_UP = "look the service up at geoportal.statistics.gov.uk and pass its name as service"


def _understood(body: bytes, url: str) -> dict[str, Any]:
    try:
        answer = load_json(body, url)
    except InputError as error:
        start = shown(body[:200].decode("utf-8", "replace"), 60)
        if start.startswith("{"):
            # An answer that was cut where the connection does not tell: half of an object is no JSON.
            raise _PassingError(f"the answer is not whole ({error})") from error
        raise IntegrityError(f"{url}: the answer is not JSON but begins {start!r}; {_LOOK_UP}") from error
    if not isinstance(answer, dict):
        raise IntegrityError(f"{url}: the answer is not a JSON object; {_LOOK_UP}")
    fault = answer.get("error")
    if fault is not None:
        # ArcGIS reports faults with the status of success.
        code = fault.get("code") if isinstance(fault, dict) else None
        what = f"the server answers with an error: {_fault_text(fault)}"
        if code in _PASSING:
            raise _PassingError(what)
        raise IntegrityError(f"{url}: {what}; {_LOOK_UP}")
    return answer


def _fault_text(fault: object) -> str:
    if not isinstance(fault, dict):
        return shown(fault)
    details = fault.get("details")
    parts = [fault.get("code"), fault.get("message"), *(details if isinstance(details, list) else [])]
    return shown(" ".join(str(p) for p in parts if p not in (None, "")), 200)
