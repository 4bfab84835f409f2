"""Client credentials, as the clients in use send them."""

from __future__ import annotations

from base64 import b64encode

import pytest

from server.protocol.client_credentials import PresentedCredentials, read_credentials
from server.protocol.errors import InvalidClient, InvalidRequest
from server.protocol.parameters import Parameters, parse_query
from server.protocol.vocabulary import TokenEndpointAuthMethod
from tests.unit.protocol.refusals import refused

NONE = TokenEndpointAuthMethod.NONE
BASIC = TokenEndpointAuthMethod.CLIENT_SECRET_BASIC
POST = TokenEndpointAuthMethod.CLIENT_SECRET_POST
EMPTY = Parameters({})


def basic(text: str | bytes) -> str:
    return "Basic " + b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.rfc("6749", "2.3.1")
@pytest.mark.parametrize(
    ("sent", "client_id", "secrets"),
    [
        ("batch:change-me", "batch", ("change-me",)),
        ("batch:a:b", "batch", ("a:b",)),
        ("batch:a%2Bb", "batch", ("a%2Bb", "a+b")),  # as RFC 6749 asks, or a secret that looks encoded
        ("batch:a+b", "batch", ("a+b", "a b")),
        ("batch:100%", "batch", ("100%",)),
        ("batch:%ff", "batch", ("%ff",)),
        ("batch:%00", "batch", ("%00",)),
        ("bat%3Ach:x", "bat:ch", ("x",)),
        ("a+b:x", "a+b", ("x",)),
        ("a%2Bb+c:x", "a+b c", ("x",)),
        ("bätch:gehe!m", "bätch", ("gehe!m",)),
    ],
)
def test_basic_is_read_url_encoded_and_not(sent: str, client_id: str, secrets: tuple[str, ...]) -> None:
    assert read_credentials(basic(sent), EMPTY) == PresentedCredentials(client_id, BASIC, secrets)


def test_the_scheme_is_case_insensitive_and_space_is_forgiven() -> None:
    authorization = basic("batch:x").replace("Basic ", "bAsIc  ") + " "
    assert read_credentials(authorization, EMPTY) == PresentedCredentials("batch", BASIC, ("x",))


@pytest.mark.rfc("6749", "2.3.1")
def test_the_form_may_carry_the_secret() -> None:
    parameters = parse_query(b"client_id=batch&client_secret=a%2Bb")
    assert read_credentials(None, parameters) == PresentedCredentials("batch", POST, ("a+b",))


def test_a_client_id_alone_is_a_public_client() -> None:
    assert read_credentials(None, parse_query(b"client_id=cli&client_secret=")) == PresentedCredentials("cli", NONE, ())


def test_basic_with_an_empty_password_is_a_public_client() -> None:
    assert read_credentials(basic("cli:"), EMPTY) == PresentedCredentials("cli", NONE, ())


@pytest.mark.rfc("6749", "2.3")
@pytest.mark.parametrize("form", [b"client_id=batch", b"client_id=batch&client_secret=x", b"client_secret=x"])
def test_field_and_form_may_say_the_same(form: bytes) -> None:
    assert read_credentials(basic("batch:x"), parse_query(form)) == PresentedCredentials("batch", BASIC, ("x",))


@pytest.mark.rfc("6749", "2.3")
@pytest.mark.parametrize(
    ("authorization", "form", "why"),
    [
        ("batch:x", b"client_id=other", "client_id differs between Authorization field and form"),
        ("batch:x", b"client_id=batch&client_secret=y", "client_secret differs between Authorization field and form"),
        ("cli:", b"client_id=cli&client_secret=y", "client_secret differs between Authorization field and form"),
    ],
)
def test_two_credentials_that_disagree_are_refused(authorization: str, form: bytes, why: str) -> None:
    with refused(InvalidRequest, why):
        read_credentials(basic(authorization), parse_query(form))


UNREADABLE = "Authorization field has no client_id, no colon, or a control character"
NOT_BASE64 = "Authorization field is not Base64 of UTF-8"
NOT_BASIC = "Authorization field has another scheme than Basic"


@pytest.mark.rfc("7617", "2")
@pytest.mark.parametrize(
    ("authorization", "why"),
    [
        ("Bearer abc", NOT_BASIC),
        ("", NOT_BASIC),
        ("Basic b@d", NOT_BASE64),
        ("Basic YQ", NOT_BASE64),
        ("Basic YmF0@Y2g6eA==", NOT_BASE64),
        (basic(b"\xff:x"), NOT_BASE64),
        ("Basic ö", NOT_BASE64),
        ("Basic", UNREADABLE),
        (basic("batch"), UNREADABLE),
        (basic(":secret"), UNREADABLE),
        (basic("bat\0ch:secret"), UNREADABLE),
        (basic("batch:sec\nret"), UNREADABLE),
    ],
)
def test_an_unreadable_field_is_a_failed_authentication(authorization: str, why: str) -> None:
    with refused(InvalidClient, why):
        read_credentials(authorization, parse_query(b"client_id=batch"))


@pytest.mark.rfc("6749", "5.2")
@pytest.mark.parametrize("form", [b"", b"client_secret=x", b"client_id="])
def test_no_client_at_all_is_a_failed_authentication(form: bytes) -> None:
    with refused(InvalidClient, "neither client authentication nor client_id"):
        read_credentials(None, parse_query(form))


@pytest.mark.rfc("7521", "4.2")
@pytest.mark.parametrize("form", [b"client_assertion=x", b"client_assertion_type=urn%3Ax"])
def test_an_assertion_is_refused_rather_than_overlooked(form: bytes) -> None:
    with refused(InvalidClient, "client_assertion_type is another than that of JWTs"):
        read_credentials(None, parse_query(b"client_id=cli&" + form))


def test_secrets_stay_out_of_logs() -> None:
    assert "s3cret" not in repr(read_credentials(basic("batch:s3cret"), EMPTY))
