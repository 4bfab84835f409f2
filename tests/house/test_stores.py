"""Stores: `tenant_id` first, no stale row written back, nothing left on a pooled connection."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.sources import Function, Module, constants, modules

STORES = tuple(
    module
    for module in modules("server")
    if module.path.stem.endswith("store") and not module.name.startswith("server.kernel.")
)
OF_TENANTS = tuple(
    module
    for module in STORES
    # Whose tables list tenants, and hold what a host says to all of them.
    if module.name not in {"server.tenants.store", "server.clients.document_store"}
)

# Functions that concern no tenant or every tenant.
ACROSS_TENANTS = {
    "server.audit.chain_store.begin": "a job seals what is new of every tenant at once",
    "server.audit.chain_store.heads_of": "the same",
    "server.audit.chain_store.list_unsealed": "the same",
    "server.audit.chain_store.tenants_waiting": "the same",
    "server.audit.chain_store.rewrap": "a new master secret is a new one for every tenant",
    "server.audit.retention_store.chains_behind": "a month of events is dropped for every tenant at once",
    "server.audit.retention_store.has_unsealed": "the same",
    "server.audit.retention_store.mark_trimmed": "the heads of several chains",
    "server.audit.store.entry": "the event comes first; tenant_id is a keyword that cannot be left out",
    "server.audit.store.record": "the event comes first; tenant_id is a keyword that cannot be left out",
    "server.clients.document_store.find_document": "what a host says, it says to every tenant",
    "server.clients.document_store.find_key_set": "the same",
    "server.clients.document_store.find_logo": "the same",
    "server.clients.document_store.keep_document": "the same",
    "server.clients.document_store.keep_key_set": "the same",
    "server.clients.document_store.keep_logo": "the same",
    "server.clients.document_store.list_described": "a job looks for them in every tenant",
    "server.clients.document_store.sweep_documents": "what a host says, it says to every tenant",
    "server.grants.store.sweep": "what expired is deleted in batches, whoever's it is: see kernel.expiry",
    "server.interactions.store.sweep": "the same",
    "server.keys.rotation_store.due_for_activation": "a job looks for what is due in every tenant",
    "server.keys.rotation_store.due_for_announcement": "the same",
    "server.keys.rotation_store.due_for_retirement": "the same",
    "server.keys.rotation_store.tenants_with_due_macs": "the same",
    "server.keys.store.count_former": "a new master secret is a new one for every tenant",
    "server.keys.store.rewrap": "a new master secret is a new one for every tenant",
    "server.sessions.store.sweep": "what expired is deleted in batches, whoever's it is: see kernel.expiry",
    "server.clients.life_store.adopt": "a job looks in every tenant",
    "server.clients.life_store.find_idle": "the same",
    "server.tenants.store.create": "the record is the tenant",
    "server.tenants.store.find_by_domain": "this finds the tenant",
    "server.tenants.store.find_by_slug": "this finds the tenant",
    "server.tenants.store.list_audit_retentions": "a job lets go what each of them need not keep",
    "server.tenants.store.list_tenants": "the list of them",
    "server.trust.authorization_store.sweep_authorizations": "the same",
    "server.trust.history_store.sweep_confirmations": "the same",
    "server.tokens.store.sweep": "what expired is deleted in batches, whoever's it is: see kernel.expiry",
    "server.webhooks.store.rewrap": "a new master secret is a new one for every tenant",
    "server.webhooks.store.sweep": "what expired is deleted in batches, whoever's it is: see kernel.expiry",
}

# What belongs to a connection outlives the transaction and meets the next user of a pooled connection.
SESSION_STATE = re.compile(
    r"^\s*(SET\s+(?!LOCAL)\w+\s*(=|TO)|LISTEN\s|PREPARE\s)|pg_(try_)?advisory_lock\b", re.IGNORECASE
)
OWN_CONNECTION = {
    "server.kernel.alone": "locks on a connection of its own",
    "server.kernel.invalidation": "listens on a connection of its own",
    "server.kernel.migrations": "locks on a connection of its own",
}


def test_store_functions_take_the_tenant_first() -> None:
    broken = [
        name
        for module in STORES
        for function in module.public_functions()
        if (name := f"{module.name}.{function.name}") not in ACROSS_TENANTS and _first(function) != "tenant_id"
    ]
    assert broken == []


def test_exceptions_from_the_tenant_rule_still_exist() -> None:
    functions = {f"{module.name}.{function.name}" for module in STORES for function in module.public_functions()}
    assert set(ACROSS_TENANTS) - functions == set()


def _first(function: Function) -> str | None:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else None


def test_no_fetched_row_is_saved() -> None:
    broken = [
        f"{module.place}:{node.lineno}"
        for module in modules()
        if module.name != "server.kernel.images"  # which saves pixels
        for node in module.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save"
        if "force_create" not in {keyword.arg for keyword in node.keywords}  # which inserts, and updates nothing
    ]
    assert broken == []


def test_pooled_connections_keep_no_state() -> None:
    broken = [
        f"{module.place}: {text.strip()[:60]}"
        for module in modules("server")
        if module.name not in OWN_CONNECTION
        for text in constants(module)
        if SESSION_STATE.search(text)
    ]
    assert broken == []


@pytest.mark.parametrize("module", OF_TENANTS, ids=lambda module: module.name)
def test_every_query_names_the_tenant(module: Module) -> None:
    statements = [text for text in constants(module) if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)\s", text)]
    assert [text for text in statements if "tenant_id" not in text] == []
