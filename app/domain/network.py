"""Who stands behind an address of the internet, as far as it tells."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

_INTERFACE_BITS: Final = 64
"""What a client chooses of its IPv6 address, at will and at any time (RFC 4291, 2.5.4)."""


def network_of(address: str) -> str:
    """The part of a client's address that it does not choose; what is no address stays as it is.

    >>> network_of("2001:DB8:0:7:1:2:3:4")
    '2001:db8:0:7::/64'
    >>> network_of("::ffff:192.0.2.7")
    '192.0.2.7'
    >>> network_of("unix:")
    'unix:'
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    network = IPv6Address(int(parsed) >> _INTERFACE_BITS << _INTERFACE_BITS)
    return f"{network}/{128 - _INTERFACE_BITS}"
