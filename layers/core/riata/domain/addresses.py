"""Which network addresses are public, i.e. may be connected to on behalf of a caller.

The tables are written out rather than taken from `ipaddress.is_global`, whose verdicts differ between Python releases. Sources: the
IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), RFC 6052 (NAT64), RFC 5214 (ISATAP).
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; one cloud's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's host agent behind an address that looks public
        "169.254.0.0/16",  # link-local; most clouds' metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments; one cloud's metadata service
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
"""Everything outside is loopback, unique local, link-local, multicast, discard-only, a translation or unassigned."""

_REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: retired, and a tunnel to whatever IPv4 address it embeds
        "3fff::/20",  # documentation
    )
)

_EMBEDDING_V6 = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped: the kernel connects to the IPv4 address
    IPv6Network("64:ff9b::/96"),  # NAT64: what DNS64 answers in networks that only speak IPv6
)
"""Prefixes that stand for the IPv4 address in their last 32 bits, which decides. The local-use NAT64 prefix 64:ff9b:1::/48 and
IPv4-compatible ::/96 are refused whole: the first exists to reach private networks, the second is retired."""

_ISATAP_MARK = b"\x00\x5e\xfe"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What the service may connect to for a caller.

    Args:
        allow_private: Relaxes address, scheme and port, for one machine's own use and for tests. Off wherever strangers may call.
    """

    allow_private: bool = False

    def allows(self, address: str) -> bool:
        """Whether a connection to this IPv4 or IPv6 address, in text form, is allowed."""
        return self.allow_private or is_public(address)


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address, in text form, is globally reachable unicast; anything else that is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in _REFUSED_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    last = IPv4Address(address.packed[12:])
    if any(address in network for network in _EMBEDDING_V6):
        return _is_public_v4(last)
    if address not in _GLOBAL_UNICAST_V6 or any(address in network for network in _REFUSED_V6):
        return False
    # ISATAP, under any prefix: ::0:5efe:a.b.c.d, whose first byte also carries the universal and group bits.
    is_isatap = address.packed[8] & 0xFC == 0 and address.packed[9:12] == _ISATAP_MARK
    return not is_isatap or _is_public_v4(last)
