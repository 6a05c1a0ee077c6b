"""Who may ask, and by which name: senders, the Host header, pages of other sites, the token.

A page in a browser on this machine reaches loopback as we do. It cannot read our answers (no CORS header),
but it could open a WebSocket, or make the browser believe that its own name is our address (DNS rebinding).
Both say where they come from: in Origin and in Host. What is no browser sends no Origin.
"""

import contextlib
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_plus, urlsplit

from instrument.hands.crowd import Guests
from instrument.hands.osc_port import address_of
from instrument.hands.query.answers import TOKEN
from instrument.hands.token import is_token

BEARER = "Bearer "
LOCAL = ".local"


class Door:
    """Refuses in a sentence, or lets in. Query thread."""

    def __init__(self, guests: Guests, names: Iterable[str] = (), token: str = "") -> None:
        """`names`: what this machine is called besides its addresses. `token`: empty: none is wanted."""
        self._guests = guests
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}
        self._token = token.encode()

    def refuses(self, sender: str, local: str, hosts: Sequence[str], origins: Sequence[str]) -> str:
        """Why a request is not answered, or an empty text. `local`: the address it came to.

        `hosts`, `origins`: what its Host and Origin headers say; a Host that is missing is no browser's.
        """
        if not self._guests.admits(sender):
            return f"{sender} may not ask (it is not on the list)"
        if len(hosts) > 1 or (hosts and not self._is_ours(f"//{hosts[0]}", local)):
            return "the Host header names another machine"
        if len(origins) > 1 or (origins and not self._is_ours(origins[0], local)):
            return "a page of another site asks"
        return ""

    def knows_token(self, query: str, authorization: str) -> bool:
        """Whether the token was said: ``Authorization: Bearer ...``, or ``?TOKEN=...`` where a program can
        only be given an address."""
        if not self._token:
            return True
        said = [authorization[len(BEARER) :]] if authorization.startswith(BEARER) else []
        said += [
            unquote_plus(word[len(TOKEN) :]) for word in query.split("&") if word.startswith(TOKEN)
        ]
        return any(is_token(word, self._token) for word in said)

    def _is_ours(self, place: str, local: str) -> bool:
        try:
            host = urlsplit(place).hostname or ""
        except ValueError:
            return False
        if host in self._names or host.endswith(".localhost"):
            return True
        with contextlib.suppress(ValueError):
            address = address_of(host)
            return address.is_loopback or address == address_of(local)
        return False


def own_names(host: str) -> tuple[str, ...]:
    """What this machine may be called: the name it was told to listen on, and its own."""
    name = socket.gethostname()
    return (host, name, name.partition(".")[0] + LOCAL)
