"""Netmasks, networks and hardware addresses as texts."""

import ipaddress
import re

VALID_MASKS = [2**8 - 2**i for i in range(0, 9)]


def is_netmask(val):
    """Whether a text is four octets that a netmask may have."""
    parts = str(val).split('.')
    return len(parts) == 4 and all(part.isdigit() and int(part) in VALID_MASKS for part in parts)


def is_masklen(val):
    """Whether a value is a prefix length of IPv4."""
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_bits(val):
    """The bits of a netmask, as text."""
    return ''.join(bin(int(octet))[2:].ljust(8, '0') for octet in val.split('.'))


def to_netmask(val):
    """The netmask of a prefix length. Raises ValueError."""
    if not is_masklen(val):
        raise ValueError('invalid value for masklen')
    return str(ipaddress.IPv4Network((0, int(val))).netmask)


def to_masklen(val):
    """The prefix length of a netmask. Raises ValueError."""
    if not is_netmask(val):
        raise ValueError('invalid value for netmask: %s' % val)
    return to_bits(val).count('1')


def to_subnet(addr, mask, dotted_notation=False):
    """The network of an address, with its prefix length or netmask. Raises ValueError."""
    length = int(mask) if is_masklen(mask) else to_masklen(mask)
    network = ipaddress.IPv4Network((addr, length), strict=False)
    if dotted_notation:
        return '%s %s' % (network.network_address, network.netmask)
    return str(network)


def _first_groups(addr, count):
    """`count` groups of 16 bits, then zeros."""
    groups = ipaddress.IPv6Address(addr).exploded.split(':')[:count]
    return ':'.join(group.lstrip('0') or '0' for group in groups) + '::'


def to_ipv6_subnet(addr):
    """The /64 of an address of IPv6."""
    return _first_groups(addr, 4)


def to_ipv6_network(addr):
    """The /48 of an address of IPv6."""
    return _first_groups(addr, 3)


def is_mac(mac_address):
    """Whether a text is a hardware address of six pairs with one mark between them."""
    return re.match(r'[0-9a-f]{2}([-:])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$', mac_address.lower()) is not None
