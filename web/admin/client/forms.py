"""The forms of one client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import ValidationError

from server.clients import with_metadata
from server.protocol.client_metadata import parse_client_metadata
from server.protocol.scopes import format_scope
from server.protocol.vocabulary import ApplicationType, GrantType, SigningAlgorithm, TokenEndpointAuthMethod
from web.admin.checks import redirect_uri_lines, web_address
from web.admin.forms import LONGEST_TEXT, VersionedForm, at_most, choices, lines_of, named, words_of
from web.localization import mark

if TYPE_CHECKING:
    from server.clients import Client

LONGEST_URI = 2000
LONGEST_LIST = 20_000
METHODS = (
    (TokenEndpointAuthMethod.NONE.value, mark("none: a public client, with PKCE")),
    (TokenEndpointAuthMethod.CLIENT_SECRET_BASIC.value, mark("a secret, in the Authorization header")),
    (TokenEndpointAuthMethod.CLIENT_SECRET_POST.value, mark("a secret, in the body")),
    (TokenEndpointAuthMethod.PRIVATE_KEY_JWT.value, mark("an assertion that its own key signs")),
)
KINDS = (
    (ApplicationType.WEB.value, mark("on a web server or in a browser")),
    (ApplicationType.NATIVE.value, mark("installed on a device")),
)
GRANTS = (
    (GrantType.AUTHORIZATION_CODE.value, mark("signs people in (authorization_code)")),
    (GrantType.REFRESH_TOKEN.value, mark("stays connected (refresh_token)")),
    (GrantType.CLIENT_CREDENTIALS.value, mark("acts for itself (client_credentials)")),
)


class SettingsForm(VersionedForm):
    """Names, links and kind of a client."""

    client_name = StringField(mark("Name"), [at_most(LONGEST_TEXT)])
    client_uri = StringField(mark("Web site"), [at_most(LONGEST_URI), web_address])
    logo_uri = StringField(mark("Logo"), [at_most(LONGEST_URI), web_address])
    tos_uri = StringField(mark("Terms of use"), [at_most(LONGEST_URI), web_address])
    policy_uri = StringField(mark("Privacy policy"), [at_most(LONGEST_URI), web_address])
    contacts = StringField(mark("Contacts"), [at_most(LONGEST_URI)])
    application_type = RadioField(mark("Where it runs"), choices=choices(KINDS))
    token_endpoint_auth_method = SelectField(mark("How it authenticates"), choices=choices(METHODS))
    grant_types = SelectMultipleField(mark("What it does"), choices=choices(GRANTS))
    id_token_signed_response_alg = SelectField(mark("Signature of its ID tokens"), choices=named(SigningAlgorithm))

    def validate_grant_types(self, field: SelectMultipleField) -> None:
        """A client that does nothing is none, and who acts for itself proves who it is."""
        chosen = set(field.data or ())
        if not chosen & {GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS}:
            raise ValidationError(mark("Choose what it does: sign people in, or act for itself."))
        if GrantType.CLIENT_CREDENTIALS in chosen and self.token_endpoint_auth_method.data == METHODS[0][0]:
            raise ValidationError(mark("A client that acts for itself needs a secret."))

    def edited(self, client: Client) -> Client:
        """The client with what was typed; raises InvalidClientMetadata, InvalidRedirectUri."""
        typed = {name: value for name, value in self.data.items() if name != "version"}
        typed["contacts"] = list(words_of(self.contacts.data))
        document = client.metadata.to_json() | {"scope": format_scope(client.scope)}
        # Which response types there are follows from the grant types.
        document.pop("response_types")
        document |= {name: value for name, value in typed.items() if value}
        for name, value in typed.items():
            if not value:
                document.pop(name, None)
        return with_metadata(client, parse_client_metadata(document, drop_private_use=False), client.scope)


class RedirectUrisForm(VersionedForm):
    """Where a client may have people sent, a URI a line."""

    redirect_uris = TextAreaField(mark("Redirect URIs"), [at_most(LONGEST_LIST), redirect_uri_lines])
    post_logout_redirect_uris = TextAreaField(mark("After signing out"), [at_most(LONGEST_LIST), redirect_uri_lines])

    def edited(self, client: Client) -> Client:
        """The client with what was typed; raises InvalidClientMetadata, InvalidRedirectUri."""
        document = client.metadata.to_json() | {
            "redirect_uris": list(lines_of(self.redirect_uris.data)),
            "post_logout_redirect_uris": list(lines_of(self.post_logout_redirect_uris.data)),
            "scope": format_scope(client.scope),
        }
        return with_metadata(client, parse_client_metadata(document, drop_private_use=False), client.scope)


class ScopesForm(VersionedForm):
    """What a client may ask for, and whether people are asked."""

    scope = SelectMultipleField(mark("Scopes"), choices=[])
    first_party = BooleanField(mark("It is our own: people are not asked for consent"))
    require_pkce = BooleanField(mark("PKCE is required"))

    def edited(self, client: Client) -> Client:
        """The client with what was ticked."""
        scope = tuple(self.scope.data or ())
        metadata = replace(client.metadata, scope=scope)
        changed = with_metadata(client, metadata, scope)
        return replace(changed, first_party=bool(self.first_party.data), require_pkce=bool(self.require_pkce.data))


def settings_form(client: Client) -> dict[str, object]:
    """What the settings form is filled with."""
    metadata = client.metadata
    return {
        "client_name": metadata.client_name,
        "client_uri": metadata.client_uri,
        "logo_uri": metadata.logo_uri,
        "tos_uri": metadata.tos_uri,
        "policy_uri": metadata.policy_uri,
        "contacts": " ".join(metadata.contacts),
        "application_type": metadata.application_type.value,
        "token_endpoint_auth_method": metadata.token_endpoint_auth_method.value,
        "grant_types": [name.value for name in metadata.grant_types],
        "id_token_signed_response_alg": metadata.id_token_signed_response_alg.value,
    }


def redirect_uris_form(client: Client) -> dict[str, object]:
    """What the form of redirect URIs is filled with."""
    return {
        "redirect_uris": "\n".join(client.metadata.redirect_uris),
        "post_logout_redirect_uris": "\n".join(client.metadata.post_logout_redirect_uris),
    }


def scopes_form(client: Client) -> dict[str, object]:
    """What the form of scopes is filled with."""
    return {"scope": list(client.scope), "first_party": client.first_party, "require_pkce": client.require_pkce}
