"""How often somebody may try a code and its secret: counted per address and per code, in Redis."""

from __future__ import annotations

import ipaddress
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 60 * 60


class Allowance(NamedTuple):
    """So many tries that did not succeed in so many seconds."""

    of: str
    tries: int
    seconds: int


# Four characters are ten thousand guesses: at thirty a day one code holds out for months. An
# address is often a whole office or a kiosk.
PER_ADDRESS = (Allowance("address", 60, HOUR),)
PER_CODE = (Allowance("code", 10, HOUR), Allowance("code", 30, 24 * HOUR))


def take(request: HttpRequest, code: str) -> bool:
    """Count a try; False when the address or the code has had its share."""
    counts = [
        _count(_key(allowance, what)) <= allowance.tries
        for allowance, what in _counted(request, code)
    ]
    return all(counts)


def give_back(request: HttpRequest, code: str) -> None:
    """Take a try back because it succeeded: who knows the secret is never locked out by asking."""
    for allowance, what in _counted(request, code):
        key = _key(allowance, what)
        if cache.get(key):
            cache.decr(key)


def _counted(request: HttpRequest, code: str) -> list[tuple[Allowance, str]]:
    address = _address(request)
    return [(one, address) for one in PER_ADDRESS] + [(one, code) for one in PER_CODE]


def _key(allowance: Allowance, what: str) -> str:
    # The digest keeps addresses and codes themselves out of the cache.
    digest = sha256(f"{settings.SECRET_KEY}:{what}".encode()).hexdigest()[:32]
    return f"track:{allowance.of}:{allowance.seconds}:{digest}"


def _count(key: str) -> int:
    seconds = int(key.split(":")[2])
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two
        cache.set(key, 1, seconds)
        return 1


def _address(request: HttpRequest) -> str:
    """Whose try it is: the address, of IPv6 its network, since one home holds 2⁶⁴ of them."""
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        given = request.META.get("HTTP_X_FORWARDED_FOR", given).rsplit(",", 1)[-1].strip()
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
