"""Where somebody comes from, as far as one subscriber is one."""

import ipaddress


def network_of(address: str) -> str:
    """One subscriber of IPv6 has a whole /64 to come from; a socket for both gives IPv4 addresses as IPv6 ones of a single /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.exploded, 64), strict=False))
    return address
