"""The environment, checked as a whole."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from server import secret_file, settings
from server.settings import BadSettings, load_settings

SECRET = "a secret of at least thirty-two characters"
ONLY_HOST = "LATCHKEY_PUBLIC_URL: must be scheme, host and port only, without a trailing slash"
ONLY_TWO = "LATCHKEY_DATABASE_URL: only SQLite (sqlite://PATH) and PostgreSQL (postgres://…) are supported"
MAIL_SERVER = "LATCHKEY_SMTP_URL: must be scheme, user and password where there are some, host and port"
SERVICE = "LATCHKEY_REPUTATION_URL: must be an http or https URL with a host and without a user"
PLAIN_TOKEN = "LATCHKEY_REPUTATION_URL: must be https where a token is sent"
ODD_TOKEN = "LATCHKEY_REPUTATION_URL: its token must be printable ASCII"
TIMEOUT = "LATCHKEY_REPUTATION_URL: its timeout must be a number of milliseconds from 1 to 5000"
NETWORKS = "LATCHKEY_TRUSTED_PROXIES: must be addresses or networks such as 10.0.0.0/8, separated by commas"
PUBLIC = {"LATCHKEY_PUBLIC_URL": "https://auth.test", "LATCHKEY_SECRET_KEY": SECRET}


@pytest.fixture(autouse=True)
def secret_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "var" / "secret.key"
    monkeypatch.setattr(secret_file, "SECRET_FILE", path)
    return path


def _load(**variables: str) -> settings.Settings:
    # A file that is not there, so that what a developer has in var/ does not count.
    database_url = f"sqlite://{secret_file.SECRET_FILE.parent}/none.sqlite3"
    return load_settings({"LATCHKEY_DATABASE_URL": database_url} | {f"LATCHKEY_{k}": v for k, v in variables.items()})


def test_nothing_need_be_set_on_ones_own_machine() -> None:
    loaded = _load()
    assert loaded.public_url == "http://127.0.0.1:9000"
    assert (loaded.is_loopback, loaded.is_secure, loaded.public_host) == (True, False, "127.0.0.1:9000")
    assert (loaded.redis_url, loaded.mail_server, loaded.secret_key_previous, loaded.trusted_proxies) == (
        None,
        None,
        None,
        (),
    )
    assert (loaded.log_format, loaded.rate_limits, loaded.allow_private_metadata_hosts) == ("text", True, False)


def test_other_variables_are_not_ours() -> None:
    assert load_settings(PUBLIC | {"PATH": "/bin", "NOTLATCHKEY_X": "1"}).public_url == "https://auth.test"


def test_the_process_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PUBLIC.items():
        monkeypatch.setenv(name, value)
    assert load_settings().public_host == "auth.test"
    assert load_settings({"LATCHKEY_SECRET_KEY": SECRET}).is_loopback


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"REDISURL": "x"}, "LATCHKEY_REDISURL is not a setting of Latchkey; did you mean LATCHKEY_REDIS_URL?"),
        ({"ZZZZZ": "x"}, "LATCHKEY_ZZZZZ is not a setting of Latchkey"),
        ({"PUBLIC_URL": "auth.test"}, "LATCHKEY_PUBLIC_URL: must be an http or https URL with a host"),
        ({"PUBLIC_URL": "https://[::1"}, "LATCHKEY_PUBLIC_URL: not a URL"),
        ({"PUBLIC_URL": "https://äuth.test"}, "LATCHKEY_PUBLIC_URL: must be an http or https URL with a host"),
        ({"PUBLIC_URL": "https://auth.test/"}, ONLY_HOST),
        ({"PUBLIC_URL": "https://auth.test/x"}, ONLY_HOST),
        ({"PUBLIC_URL": "https://me@auth.test"}, ONLY_HOST),
        ({"PUBLIC_URL": "http://auth.test"}, "LATCHKEY_PUBLIC_URL: must be https unless its host is this machine"),
        ({"DATABASE_URL": "mysql://x/y"}, ONLY_TWO),
        ({"DATABASE_URL": "x"}, "LATCHKEY_DATABASE_URL: a database URL begins with sqlite:// or postgres://"),
        ({"DATABASE_URL": "sqlite://"}, "LATCHKEY_DATABASE_URL: sqlite:// is followed by the path of a file"),
        ({"DATABASE_URL": "postgres://host"}, "LATCHKEY_DATABASE_URL: a PostgreSQL URL names a database: postgres://host/database"),
        ({"REDIS_URL": "localhost"}, "LATCHKEY_REDIS_URL: must begin with redis:// or rediss:// or unix://"),
        ({"SMTP_URL": "mail.test"}, "LATCHKEY_SMTP_URL: must begin with smtp:// or smtps://"),
        ({"SMTP_URL": "smtp://me:secret@"}, MAIL_SERVER),
        ({"MAIL_FROM": "Acme"}, "LATCHKEY_MAIL_FROM: must be an address, such as no-reply@acme.test"),
        ({"REPUTATION_URL": "ftp://x"}, SERVICE),
        ({"REPUTATION_URL": "https://a:b@x/"}, SERVICE),
        ({"REPUTATION_URL": "http://x/", "REPUTATION_TOKEN": "t"}, PLAIN_TOKEN),
        ({"REPUTATION_URL": "https://x:y/"}, "LATCHKEY_REPUTATION_URL: not a URL"),
        ({"REPUTATION_URL": "https://x/", "REPUTATION_TOKEN": "ä"}, ODD_TOKEN),
        ({"REPUTATION_URL": "https://x/", "REPUTATION_TIMEOUT": "1s"}, TIMEOUT),
        ({"REPUTATION_FAILS": "often"}, "LATCHKEY_REPUTATION_FAILS: must be open or closed"),
        ({"LOG_FORMAT": "xml"}, "LATCHKEY_LOG_FORMAT: must be text or json"),
        ({"RATE_LIMITS": "no"}, "LATCHKEY_RATE_LIMITS: must be on or off"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, NETWORKS),
        ({"ALLOW_PRIVATE_METADATA_HOSTS": "yes"}, "LATCHKEY_ALLOW_PRIVATE_METADATA_HOSTS: must be 1 or absent"),
        ({"SECRET_KEY": "short"}, "LATCHKEY_SECRET_KEY: must have at least 32 characters"),
        ({"SECRET_KEY_PREVIOUS": "short"}, "LATCHKEY_SECRET_KEY_PREVIOUS: must have at least 32 characters"),
        ({"SECRET_KEY": SECRET, "SECRET_KEY_FILE": "x"}, "LATCHKEY_SECRET_KEY: set it or SECRET_KEY_FILE, not both"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(variables: dict[str, str], message: str, secret_path: Path) -> None:
    with pytest.raises(BadSettings) as refusal:
        _load(**variables)
    assert str(refusal.value) == message
    assert not secret_path.exists()


def test_a_password_in_a_wrong_url_is_not_shown() -> None:
    with pytest.raises(BadSettings) as refusal:
        _load(DATABASE_URL="postgres://me:hun#ter2@host:/x/y:z")
    assert "ter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_secrets_and_urls_with_passwords_are_not_shown() -> None:
    hidden = {
        "LATCHKEY_DATABASE_URL": "postgres://me:hunter2@host/x",
        "LATCHKEY_SMTP_URL": "smtps://me:hunter2@mail.test",
        "LATCHKEY_REPUTATION_URL": "https://hosts.test/ask",
        "LATCHKEY_REPUTATION_TOKEN": "hunter2",
    }
    loaded = load_settings(PUBLIC | hidden)
    assert "hunter2" not in repr(loaded)
    assert SECRET not in repr(loaded)


def test_elsewhere_a_secret_is_required() -> None:
    with pytest.raises(BadSettings, match="LATCHKEY_SECRET_KEY: required"):
        load_settings({"LATCHKEY_PUBLIC_URL": "https://auth.test"})
    with pytest.raises(BadSettings, match="LATCHKEY_SECRET_KEY: required"):
        load_settings({"LATCHKEY_PUBLIC_URL": "https://auth.test", "LATCHKEY_SECRET_KEY": "  "})


def test_private_metadata_hosts_are_for_this_machine_only() -> None:
    assert _load(ALLOW_PRIVATE_METADATA_HOSTS="1").allow_private_metadata_hosts
    with pytest.raises(BadSettings, match="refused when the public URL is not loopback"):
        load_settings(PUBLIC | {"LATCHKEY_ALLOW_PRIVATE_METADATA_HOSTS": "1"})


def test_lockout_can_be_switched_off_on_this_machine_only() -> None:
    assert not _load(RATE_LIMITS="off").lockout
    elsewhere = load_settings(PUBLIC | {"LATCHKEY_RATE_LIMITS": "off"})
    assert not elsewhere.rate_limits
    assert elsewhere.lockout


@pytest.mark.parametrize(
    ("url", "normal", "host"),
    [
        ("https://Auth.Test:443", "https://auth.test", "auth.test"),
        ("https://auth.test:8443", "https://auth.test:8443", "auth.test:8443"),
        ("http://localhost:80", "http://localhost", "localhost"),
        ("http://[::1]:9000", "http://[::1]:9000", "[::1]:9000"),
    ],
)
def test_the_public_url_has_one_spelling(url: str, normal: str, host: str) -> None:
    loaded = load_settings({"LATCHKEY_PUBLIC_URL": url, "LATCHKEY_SECRET_KEY": SECRET})
    assert (loaded.public_url, loaded.public_host) == (normal, host)


def test_trusted_proxies_are_networks() -> None:
    loaded = _load(TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7 fd00::/8")
    assert loaded.trusted_proxies == tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7", "fd00::/8")))


def test_a_secret_can_be_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"\n{SECRET}\n")
    assert _load(SECRET_KEY_FILE=str(path)).secret_key == SECRET
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(BadSettings, match="not text"):
        _load(SECRET_KEY_FILE=str(path))
    with pytest.raises(BadSettings, match=r"LATCHKEY_SECRET_KEY_FILE: .*No such file"):
        _load(SECRET_KEY_FILE=str(tmp_path / "none"))


def test_on_ones_own_machine_a_secret_is_made_once(secret_path: Path) -> None:
    first = _load()
    assert first.secret_is_new
    assert secret_path.stat().st_mode & 0o777 == 0o600
    assert len(first.secret_key) >= 64
    second = _load()
    assert second.secret_key == first.secret_key
    assert not second.secret_is_new
    assert [path.name for path in secret_path.parent.iterdir()] == ["secret.key"]


def test_of_two_processes_that_make_a_secret_one_wins(secret_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _load()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # the other process looked a moment before
    second = _load()
    assert second.secret_key == first.secret_key
    assert not second.secret_is_new
    assert [path.name for path in secret_path.parent.iterdir()] == ["secret.key"]


def test_no_secret_is_made_beside_a_database_with_content(secret_path: Path, tmp_path: Path) -> None:
    (tmp_path / "old.sqlite3").write_bytes(b"content")
    with pytest.raises(BadSettings, match=r"the database has content, but .* is gone: bring it back"):
        _load(DATABASE_URL=f"sqlite://{tmp_path}/old.sqlite3")
    assert not secret_path.exists()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://auth.test:8443", "no-reply@auth.test"),
        ("https://[2001:db8::1]", "no-reply@localhost"),
        ("http://localhost:9000", "no-reply@localhost"),
    ],
)
def test_mail_comes_from_somewhere(url: str, address: str) -> None:
    assert load_settings(PUBLIC | {"LATCHKEY_PUBLIC_URL": url}).mail_from == address
    given = load_settings(PUBLIC | {"LATCHKEY_PUBLIC_URL": url, "LATCHKEY_MAIL_FROM": "sso@acme.test"})
    assert given.mail_from == "sso@acme.test"
