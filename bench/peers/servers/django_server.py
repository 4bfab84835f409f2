"""django-oauth-toolkit as a peer: what `startproject` and its own tutorial give, on PostgreSQL.

`python django_server.py` makes the tables, the clients and the person; gunicorn serves `django_server:application`.
DATABASE_URL names the database; HASHED_SECRETS=1 keeps client secrets hashed, which is its default.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

database = urlsplit(os.environ["DATABASE_URL"])
key = Path(os.environ["PRIVATE_KEY_FILE"]).read_text("ascii")

settings.configure(
    SECRET_KEY="only-for-benchmarks",  # noqa: S106 - says what it is for
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="django_urls",
    LOGIN_URL="/sign-in",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database.path.removeprefix("/"),
            "USER": database.username,
            "HOST": database.hostname,
            "PORT": database.port,
            "CONN_MAX_AGE": None,  # connections are kept, as its manual advises
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key,
        "SCOPES": {"openid": "Sign in", "notes:read": "Read your notes"},
        "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    },
)
application = get_wsgi_application()


def prepare() -> None:
    """Tables, both clients, and ada."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    ada = User.objects.create_user("ada")
    hashed = os.environ.get("HASHED_SECRETS") == "1"
    common = {"client_type": "confidential", "hash_client_secret": hashed, "user": ada, "algorithm": "RS256"}
    Application.objects.create(
        client_id="web",
        client_secret=os.environ["WEB_SECRET"],
        authorization_grant_type="authorization-code",
        redirect_uris=os.environ["REDIRECT_URI"],
        skip_authorization=True,
        **common,
    )
    Application.objects.create(
        client_id="batch",
        client_secret=os.environ["BATCH_SECRET"],
        authorization_grant_type="client-credentials",
        **common,
    )


if __name__ == "__main__":
    django.setup()
    prepare()
    sys.exit()
