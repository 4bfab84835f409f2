"""The one table of the console's pages, in the order of the navigation."""

from __future__ import annotations

from web.admin.administrators.making import ROWS as NEW_ADMINISTRATOR
from web.admin.administrators.pages import ROWS as ADMINISTRATORS
from web.admin.audit.chain import ROWS as AUDIT_CHAIN
from web.admin.audit.event import ROWS as AUDIT_EVENT
from web.admin.audit.exporting import ROWS as AUDIT_EXPORT
from web.admin.audit.live import ROWS as AUDIT_LIVE
from web.admin.audit.pages import ROWS as AUDIT
from web.admin.branding.pages import ROWS as BRANDING
from web.admin.client.access import ROWS as CLIENT_ACCESS
from web.admin.client.credentials import ROWS as CLIENT_CREDENTIALS
from web.admin.client.deciding import ROWS as CLIENT_DECISION
from web.admin.client.evaluating import ROWS as CLIENT_EVALUATION
from web.admin.client.pages import ROWS as CLIENT
from web.admin.client.trying import ROWS as CLIENT_TRIAL
from web.admin.clients.pages import ROWS as CLIENTS
from web.admin.consents.bulk import ROWS as CONSENTS_BULK
from web.admin.consents.pages import ROWS as CONSENTS
from web.admin.group.members import ROWS as GROUP_MEMBERS
from web.admin.group.pages import ROWS as GROUP
from web.admin.groups.pages import ROWS as GROUPS
from web.admin.keys.pages import ROWS as KEYS
from web.admin.new_client.pages import ROWS as NEW_CLIENT
from web.admin.new_user.importing import ROWS as USER_IMPORT
from web.admin.new_user.pages import ROWS as NEW_USER
from web.admin.overview.pages import ROWS as OVERVIEW
from web.admin.registration_tokens.pages import ROWS as REGISTRATION_TOKENS
from web.admin.resources.pages import ROWS as RESOURCES
from web.admin.role.pages import ROWS as ROLE
from web.admin.role.people import ROWS as ROLE_PEOPLE
from web.admin.roles.pages import ROWS as ROLES
from web.admin.scopes.pages import ROWS as SCOPES
from web.admin.search.pages import ROWS as SEARCH
from web.admin.sessions.bulk import ROWS as SESSIONS_BULK
from web.admin.sessions.pages import ROWS as SESSIONS
from web.admin.settings.danger import ROWS as DANGER
from web.admin.settings.domains import ROWS as DOMAINS
from web.admin.settings.pages import ROWS as SETTINGS
from web.admin.sign_in.pages import ROWS as SIGN_IN
from web.admin.signing_in.pages import ROWS as SIGNING_IN
from web.admin.system.pages import ROWS as SYSTEM
from web.admin.tenants.making import ROWS as NEW_TENANT
from web.admin.tenants.pages import ROWS as TENANTS
from web.admin.trust_inbox.answering import ROWS as TRUST_ANSWERS
from web.admin.trust_inbox.pages import ROWS as TRUST_INBOX
from web.admin.trust_origins.domains import ROWS as TRUST_DOMAINS
from web.admin.trust_origins.pages import ROWS as TRUST_ORIGINS
from web.admin.trust_origins.verdicts import ROWS as TRUST_VERDICTS
from web.admin.trust_policy.editing import ROWS as TRUST_EDITOR
from web.admin.trust_policy.pages import ROWS as TRUST_POLICY
from web.admin.trust_policy.versions import ROWS as TRUST_VERSIONS
from web.admin.trust_replay.pages import ROWS as TRUST_REPLAY
from web.admin.trust_simulator.pages import ROWS as TRUST_SIMULATOR
from web.admin.user.access import ROWS as USER_ACCESS
from web.admin.user.groups import ROWS as USER_GROUPS
from web.admin.user.pages import ROWS as USER
from web.admin.users.bulk import ROWS as USERS_BULK
from web.admin.users.pages import ROWS as USERS
from web.admin.webhook.deliveries import ROWS as WEBHOOK_DELIVERIES
from web.admin.webhook.pages import ROWS as WEBHOOK
from web.admin.webhooks.pages import ROWS as WEBHOOKS

ROWS = (
    *SIGN_IN,
    *TENANTS,
    *NEW_TENANT,
    *SEARCH,
    *OVERVIEW,
    *CLIENTS,
    *REGISTRATION_TOKENS,
    *CLIENT,
    *CLIENT_CREDENTIALS,
    *CLIENT_DECISION,
    *CLIENT_ACCESS,
    *CLIENT_TRIAL,
    *CLIENT_EVALUATION,
    *NEW_CLIENT,
    *TRUST_INBOX,
    *TRUST_ANSWERS,
    *TRUST_POLICY,
    *TRUST_EDITOR,
    *TRUST_VERSIONS,
    *TRUST_SIMULATOR,
    *TRUST_REPLAY,
    *TRUST_ORIGINS,
    *TRUST_VERDICTS,
    *TRUST_DOMAINS,
    *USERS,
    *USERS_BULK,
    *NEW_USER,
    *USER_IMPORT,
    *USER,
    *USER_GROUPS,
    *USER_ACCESS,
    *GROUPS,
    *GROUP,
    *GROUP_MEMBERS,
    *ROLES,
    *ROLE,
    *ROLE_PEOPLE,
    *SCOPES,
    *RESOURCES,
    *CONSENTS,
    *CONSENTS_BULK,
    *SESSIONS,
    *SESSIONS_BULK,
    *KEYS,
    *AUDIT,
    *AUDIT_EVENT,
    *AUDIT_LIVE,
    *AUDIT_EXPORT,
    *AUDIT_CHAIN,
    *WEBHOOKS,
    *WEBHOOK,
    *WEBHOOK_DELIVERIES,
    *SETTINGS,
    *DOMAINS,
    *DANGER,
    *NEW_ADMINISTRATOR,
    *ADMINISTRATORS,
    *SYSTEM,
    *SIGNING_IN,
    *BRANDING,
)
