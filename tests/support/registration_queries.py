"""What registration, /authorize and the reaper ask of the database, and whether it reads a whole table for that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.clients import life_store, store
from server.grants import consent_store
from server.grants import store as grants_store
from server.initial_access_tokens import store as tokens_store
from server.interactions import store as interactions_store
from server.kernel import ids, lists
from tests.issuing import NOW
from tests.support import registrations
from tests.support.statements import plan_of

if TYPE_CHECKING:
    from uuid import UUID

OTHER, NOBODY = ids.uuid7(), ids.uuid7()
PK = registrations.pk_of(7)


# A scan of the list that came as an argument is none of a table.
_SCAN_ON_SQLITE = re.compile(rf"SCAN ({'|'.join(registrations.TABLES)})\b(?! USING (COVERING )?INDEX)")


def queries(tenant: UUID, keys: object) -> dict[str, tuple[str, tuple[object, ...]]]:
    """Statements with their arguments; `keys` are those of a batch, as one argument."""
    among = lists.among("$2")
    return {
        "register: the same client": (store.FIND_BY_FINGERPRINT, (tenant, "fingerprint-7")),
        "register: how many": (life_store._COUNT, (OTHER, 10_000)),
        "register: keep": (life_store._KEEP, (tenant, PK, NOW)),
        "register: initial access token": (tokens_store._FIND_BY_DIGEST, (tenant, "x")),
        "register: spend": (tokens_store._SPEND, (tenant, PK, NOW)),
        "authorize: client": (store._FIND, (tenant, "client-7")),
        "authorize: client by key": (store._FIND_BY_PK, (tenant, PK)),
        "authorize: secrets": (store._SECRETS, (tenant, PK)),
        "authorize: consent": (consent_store._FIND, (tenant, NOBODY, PK, "http://127.0.0.1", "d")),
        "authorize: interaction": (interactions_store._FIND, (tenant, "handle", "digest", NOW)),
        "token: use": (life_store._USED, (tenant, PK, NOW, NOW)),
        "configuration: delete": (store._DELETE, (tenant, PK)),
        "configuration: grants": (grants_store._REVOKE_FOR_CLIENT, (tenant, PK, NOW)),
        "configuration: consents": (consent_store._FORGET_FOR_CLIENT, (tenant, PK)),
        "reaper: idle": (life_store._IDLE, (NOW, 100)),
        "reaper: adopt": (life_store._ADOPT, (NOW, 100)),
        "reaper: in use": (grants_store._CLIENTS_IN_USE.format(among=among), (tenant, keys, NOW)),
        "reaper: put off": (life_store._PUT_OFF + among, (tenant, keys, NOW)),
        "reaper: delete": (life_store._DELETE + among, (tenant, keys, NOW)),
        "reaper: secrets": (life_store._DELETE_SECRETS + among, (tenant, keys)),
    }


async def scanning_queries(tenant_id: UUID, *, batch: int) -> dict[str, str]:
    """The plans that read a table from end to end, by the name of the query; `batch` is how many keys a batch has."""
    keys = lists.as_argument([registrations.pk_of(number) for number in range(1, batch + 1)])
    plans = {name: await plan_of(sql, *arguments) for name, (sql, arguments) in queries(tenant_id, keys).items()}
    return {name: plan for name, plan in plans.items() if "Seq Scan" in plan or _SCAN_ON_SQLITE.search(plan)}
