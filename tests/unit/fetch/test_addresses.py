"""Which addresses are public."""

from ipaddress import ip_address

import pytest

from riata.domain.addresses import AddressPolicy, is_public

PUBLIC = """
    1.1.1.1  8.8.8.8  93.184.215.14  9.255.255.255  11.0.0.0  100.63.255.255  100.128.0.0  126.255.255.255  128.0.0.0
    169.253.255.255  169.255.0.0  172.15.255.255  172.32.0.0  192.0.1.0  192.167.255.255  192.169.0.0  198.17.255.255  198.20.0.0
    223.255.255.255  168.63.129.15  168.63.129.17
    2001:4860:4860::8888  2606:4700:4700::1111  2a00:1450:4001::200e  2001:200::1  3ffe:ffff::1  2003::1
    ::ffff:8.8.8.8  64:ff9b::8.8.8.8  2606:4700::5efe:808:808
""".split()

NOT_PUBLIC = """
    0.0.0.0  0.1.2.3  10.0.0.1  10.255.255.255  100.64.0.1  100.100.100.200  100.127.255.255  127.0.0.1  127.255.255.254
    168.63.129.16  169.254.0.1  169.254.169.254  169.254.170.2  172.16.0.1  172.31.255.255  192.0.0.1  192.0.0.192  192.0.2.1
    192.88.99.1  192.168.0.1  192.168.255.255  198.18.0.1  198.19.255.255  198.51.100.7  203.0.113.9  224.0.0.1  239.255.255.250
    240.0.0.1  255.255.255.255
    ::  ::1  ::2  fc00::1  fd00::1  fd00:ec2::254  fe80::1  fe80::1%eth0  fec0::1  ff02::1  ff0e::1  100::1  5f00::1  4000::1
    2001::1  2001:2::1  2001:10::1  2001:20::1  2001:db8::1  3fff::1
    ::ffff:127.0.0.1  ::ffff:10.0.0.1  ::ffff:169.254.169.254  ::ffff:a9fe:a9fe  ::ffff:0:127.0.0.1
    ::127.0.0.1  ::8.8.8.8
    64:ff9b::127.0.0.1  64:ff9b::a9fe:a9fe  64:ff9b::10.1.2.3  64:ff9b:1::10.0.0.1  64:ff9b:1::8.8.8.8  64:ff9b:1:a00:0:100::
    2002:7f00:1::  2002:a00:1::1  2002:a9fe:a9fe::  2002:808:808::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2  2001:0:a00:1::1
    2606:4700::5efe:127.0.0.1  2606:4700::200:5efe:10.0.0.1  2606:4700::300:5efe:192.168.1.1
    2606:4700::1%eth0
""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may_be_connected_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "010.8.8.8", "8.8.8.8 ", "[::1]", "1::2::3"]
)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_python_calls_private_is_never_public(address: str) -> None:
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    assert not (mapped or parsed).is_private


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.1.7", "169.254.169.254"])
def test_a_policy_for_ones_own_machine_allows_private_addresses(address: str) -> None:
    assert AddressPolicy(allow_private=True).allows(address)
    assert not AddressPolicy().allows(address)
