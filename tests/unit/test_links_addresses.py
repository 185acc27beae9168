"""Which addresses are of the open internet, and of nothing else in any disguise."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telematics.links import is_public

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254"),  # noqa: S104
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1"),
        *("192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
        *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
        *("::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001:db8::1"),
        *("2001::1", "2001:0:a00:1::1", "2002:7f00:1::1", "2002:a00:1::1", "3fff::1", "5f00::1"),
        *("fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
        *("2606:4700::1111%eth0", "", "media.example.com", "127.1", "0x7f.1", "1.2.3", "1.2.3.4.5"),
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450:4001::200e"],
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
    *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
]


def within(network: str) -> st.SearchStrategy[ipaddress.IPv4Address]:
    return st.ip_addresses(network=network).map(lambda one: ipaddress.IPv4Address(int(one)))


@given(st.sampled_from(SPECIAL).flatmap(within))
def test_no_address_of_a_special_network_is_public_in_any_disguise(
    address: ipaddress.IPv4Address,
) -> None:
    number = int(address)
    disguises = [
        str(address),
        str(ipaddress.IPv6Address((0xFFFF << 32) | number)),
        str(ipaddress.IPv6Address(number)),
        str(ipaddress.IPv6Address((0x0064FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
        str(ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF))),
    ]
    assert not any(is_public(one) for one in disguises)


@given(st.ip_addresses())
def test_whatever_is_public_is_global_and_nothing_else(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(str(address)):
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        real = mapped or address
        assert real.is_global
        kinds = (real.is_private, real.is_multicast, real.is_loopback, real.is_reserved)
        assert not any(kinds)
