"""Which addresses are somebody's public server, and which lead inside: to this machine, its network, its cloud. Pure.

``ipaddress`` alone is not enough: Python 3.11 calls ``64:ff9b::7f00:1``, ``2002:7f00:1::`` and ``192.0.0.192`` global.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_INSIDE_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",  # Azure's host agent: a public number that answers on every machine there
        ),
    )
)  # fmt: skip  # IANA IPv4 Special-Purpose Address Registry

_UNICAST = IPv6Network("2000::/3")  # all that is routed on the public Internet (RFC 4291, section 2.4)
_INSIDE_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them: it carries an IPv4 address
            "2001:db8::/32", "3fff::/20",  # documentation
            "2002::/16",  # 6to4: carries an IPv4 address, and nobody serves a site from there
        ),
    )
)  # fmt: skip  # IANA IPv6 Special-Purpose Address Registry
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address as an IPv6-only network sees it (RFC 6052)


def is_public(address: str) -> bool:
    """Whether ``address`` (numeric, as a resolver gives it) is globally routable, also the IPv4 address inside it."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        return _is_public_6(found) if inner is None else _is_public_4(inner)
    return _is_public_4(found)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _INSIDE_4)


def _is_public_6(address: IPv6Address) -> bool:
    is_routed = address in _UNICAST and address.is_global and address.scope_id is None
    return is_routed and not any(address in network for network in _INSIDE_6)
