"""Who is calling, behind trusted proxies and others."""

from ipaddress import ip_network

import pytest

from server.kernel.hosts import address_block, client_address, forwarded_host, is_loopback_host

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST.", "acme.localhost"]
)
def test_this_machine_has_many_names(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host", ["", "auth.test", "localhost.test", "128.0.0.1", "notlocalhost", "::2", "127.0.0.1.test"]
)
def test_other_hosts_are_not_this_machine(host: str) -> None:
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("192.0.2.9", "203.0.113.5", "192.0.2.9"),  # not a trusted proxy: what it says does not count
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),  # before the first untrusted hop is hearsay
        ("10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
        ("10.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "203.0.113.5", ""),
    ],
)
def test_the_client_is_the_nearest_who_is_no_trusted_proxy(peer: str, forwarded_for: str, client: str) -> None:
    assert client_address(peer, {"x-forwarded-for": forwarded_for}, PROXIES) == client


@pytest.mark.rfc("7239", "5.2")
def test_forwarded_is_read_like_its_predecessor() -> None:
    headers = {"forwarded": 'for=1.1.1.1;proto=https, For="[2001:db8::5]:4711";host=x'}
    assert client_address("10.0.0.1", headers, PROXIES) == "2001:db8::5"
    assert client_address("10.0.0.1", {"forwarded": "proto=https", "x-forwarded-for": "9.9.9.9"}, PROXIES) == "9.9.9.9"
    both = headers | {"x-forwarded-for": "2001:db8::5"}
    assert client_address("10.0.0.1", both, PROXIES) == "2001:db8::5"


@pytest.mark.parametrize("claimed", ["for=203.0.113.77", "for=203.0.113.78", "for=_hidden"])
def test_a_client_cannot_choose_its_address_by_the_field_that_the_proxy_does_not_write(claimed: str) -> None:
    headers = {"forwarded": claimed, "x-forwarded-for": "198.51.100.4"}
    assert client_address("10.0.0.1", headers, PROXIES) == "10.0.0.1"


def test_the_zone_of_an_address_is_left_out() -> None:
    headers = {"x-forwarded-for": f"fe80::1%{'z' * 60}"}
    assert client_address("10.0.0.1", headers, PROXIES) == "fe80::1"


@pytest.mark.rfc("7239", "6.3")
def test_an_obfuscated_hop_ends_the_chain() -> None:
    assert client_address("10.0.0.1", {"forwarded": "for=1.1.1.1, for=_hidden"}, PROXIES) == "10.0.0.1"


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert client_address("127.0.0.1", {"x-forwarded-for": "203.0.113.5"}, ()) == "127.0.0.1"
    assert forwarded_host("127.0.0.1", {"host": "a.test", "x-forwarded-host": "b.test"}, ()) == "a.test"


def test_the_host_is_what_a_trusted_proxy_says() -> None:
    headers = {"host": "inner:8000", "x-forwarded-host": "evil.test, Auth.Acme.test"}
    assert forwarded_host("10.0.0.1", headers, PROXIES) == "auth.acme.test"
    assert forwarded_host("192.0.2.9", headers, PROXIES) == "inner:8000"
    assert forwarded_host("10.0.0.1", {"forwarded": "for=1.1.1.1;host=auth.acme.test"}, PROXIES) == "auth.acme.test"
    assert forwarded_host("10.0.0.1", {"host": "a.test"}, PROXIES) == "a.test"
    assert forwarded_host("10.0.0.1", {}, PROXIES) == ""


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("", ""),
    ],
)
def test_addresses_of_one_customer_are_counted_together(address: str, block: str) -> None:
    assert address_block(address) == block
