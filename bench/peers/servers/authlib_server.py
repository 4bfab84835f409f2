"""Authlib's server on Flask as a peer: its documented example with SQLAlchemy on PostgreSQL and RFC 9068 tokens.

`python authlib_server.py` makes the tables, the clients and the person; gunicorn serves `authlib_server:app`.
"""

import os
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_query_token_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, Response, jsonify, redirect, request, session, url_for
from flask_sqlalchemy import SQLAlchemy
from joserfc.jwk import ECKey, KeySet

app = Flask(__name__)
app.config["SECRET_KEY"] = "only-for-benchmarks"  # noqa: S105 - says what it is for
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg://", 1)
db = SQLAlchemy(app)
key = KeySet([ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)])


class User(db.Model):
    """A person."""

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(40), unique=True)

    def get_user_id(self) -> int:
        """What tokens name a person by."""
        return self.id


class Client(db.Model, OAuth2ClientMixin):
    """A client with its secret in plain text, as the mixin has it."""

    id = db.Column(db.Integer, primary_key=True)


class Code(db.Model, OAuth2AuthorizationCodeMixin):
    """An authorization code."""

    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)


class Token(db.Model, OAuth2TokenMixin):
    """An access token and its refresh token; a JWT is longer than the mixin's column."""

    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)
    access_token = db.Column(db.Text, unique=True, nullable=False)


class AuthorizationCode(grants.AuthorizationCodeGrant):
    """Codes as rows, deleted when they are redeemed."""

    def save_authorization_code(self, code, request):
        payload = request.payload
        db.session.add(
            Code(
                code=code,
                client_id=request.client.client_id,
                redirect_uri=payload.redirect_uri,
                scope=payload.scope,
                user_id=request.user.id,
                code_challenge=payload.data.get("code_challenge"),
                code_challenge_method=payload.data.get("code_challenge_method"),
            )
        )
        db.session.commit()

    def query_authorization_code(self, code, client):
        found = Code.query.filter_by(code=code, client_id=client.client_id).first()
        return found if found and not found.is_expired() else None

    def delete_authorization_code(self, authorization_code):
        db.session.delete(authorization_code)
        db.session.commit()

    def authenticate_user(self, authorization_code):
        return db.session.get(User, authorization_code.user_id)


class Refresh(grants.RefreshTokenGrant):
    """Refresh tokens rotate."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = Token.query.filter_by(refresh_token=refresh_token).first()
        return token if token and not token.is_revoked() else None

    def authenticate_user(self, refresh_token):
        return db.session.get(User, refresh_token.user_id)

    def revoke_old_credential(self, refresh_token):
        refresh_token.access_token_revoked_at = refresh_token.refresh_token_revoked_at = int(time.time())
        db.session.add(refresh_token)
        db.session.commit()


query_token = create_query_token_func(db.session, Token)


class Introspection(IntrospectionEndpoint):
    """RFC 7662, by the row of the token."""

    def query_token(self, token_string, token_type_hint):
        return query_token(token_string, token_type_hint)

    def check_permission(self, token, client, request):  # noqa: ARG002 - its interface
        return token.check_client(client)

    def introspect_token(self, token):
        return {
            "active": not token.is_expired() and not token.is_revoked(),
            "client_id": token.client_id,
            "token_type": token.token_type,
            "scope": token.get_scope(),
            "exp": token.issued_at + token.expires_in,
            "iat": token.issued_at,
        }


class Jwt(JWTBearerTokenGenerator):
    """ES256 access tokens."""

    def get_jwks(self):
        return key


server = AuthorizationServer(
    app, create_query_client_func(db.session, Client), create_save_token_func(db.session, Token)
)
generate_refresh_token = server.create_bearer_token_generator(
    {"OAUTH2_REFRESH_TOKEN_GENERATOR": True}
).refresh_token_generator
server.register_token_generator(
    "default", Jwt("http://127.0.0.1", alg="ES256", refresh_token_generator=generate_refresh_token)
)
server.register_grant(grants.ClientCredentialsGrant)
server.register_grant(AuthorizationCode, [CodeChallenge(required=True)])
server.register_grant(Refresh)
server.register_endpoint(create_revocation_endpoint(db.session, Token))
server.register_endpoint(Introspection)
require_oauth = ResourceProtector()
require_oauth.register_token_validator(create_bearer_token_validator(db.session, Token)())


@app.get("/authorize")
def authorize() -> Response:
    """A browser with a session gets a code at once."""
    user = db.session.get(User, session["user"]) if "user" in session else None
    if user is None:
        return redirect(url_for("sign_in", next=request.full_path))
    grant = server.get_consent_grant(end_user=user)
    return server.create_authorization_response(grant=grant, grant_user=user)


@app.get("/sign-in")
def sign_in() -> Response:
    """Whoever comes to sign in is ada."""
    session["user"] = User.query.filter_by(username="ada").one().id
    return redirect(request.args["next"])


@app.post("/token")
def token() -> Response:
    """RFC 6749 §3.2."""
    return server.create_token_response()


@app.post("/introspect")
def introspect() -> Response:
    """RFC 7662."""
    return server.create_endpoint_response(Introspection.ENDPOINT_NAME)


@app.post("/revoke")
def revoke() -> Response:
    """RFC 7009."""
    return server.create_endpoint_response("revocation")


@app.get("/userinfo")
@require_oauth("openid")
def userinfo() -> Response:
    """OpenID Connect Core §5.3."""
    return jsonify(sub=str(current_token.user_id))


@app.get("/healthz")
def healthz() -> str:
    """For whoever started it."""
    return "ok"


def prepare() -> None:
    """Tables, both clients, and ada."""
    db.create_all()
    db.session.add(User(username="ada"))
    web = Client(client_id="web", client_secret=os.environ["WEB_SECRET"])
    web.set_client_metadata(
        {
            "redirect_uris": [os.environ["REDIRECT_URI"]],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid notes:read",
            "token_endpoint_auth_method": "client_secret_basic",
        }
    )
    batch = Client(client_id="batch", client_secret=os.environ["BATCH_SECRET"])
    batch.set_client_metadata(
        {
            "grant_types": ["client_credentials"],
            "scope": "notes:read",
            "token_endpoint_auth_method": "client_secret_basic",
        }
    )
    db.session.add_all([web, batch])
    db.session.commit()


if __name__ == "__main__":
    with app.app_context():
        prepare()
