"""Keys are announced, used, retired, and no verifier that caches them for as long as we say ever meets a stranger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from server.endpoints.jwks import jwks
from server.jobs import SCHEDULES
from server.kernel.clock import DAY, HOUR, SECOND, Duration, Instant, to_seconds
from server.keys import policy, signing_key
from server.protocol.errors import InvalidToken
from server.protocol.jwt import VerificationKeys, verification_keys, verify_access_token
from server.tenants import Tenant
from server.tokens import jws
from tests.issuing import NOW, Answer, call, make_tenant, wire_request

pytestmark = pytest.mark.usefixtures("storage")

API = "https://api.acme.test/"
ALGORITHMS = ("ES256", "RS256", "Ed25519")
LIFETIME = DAY  # the longest that a tenant may give to its tokens
(ROTATION,) = (schedule for schedule in SCHEDULES if schedule.name == "keys")


@dataclass(slots=True)
class Verifier:
    """A resource server that fetches the keys when they are too old, and never because it meets an unknown one."""

    tenant: Tenant
    max_age: Duration
    fetched_at: Instant = 0
    keys: VerificationKeys = field(default_factory=lambda: VerificationKeys({}))

    async def failure(self, token: str, now: Instant) -> str | None:
        """Why it refuses a token; None: it does not."""
        if now - self.fetched_at >= self.max_age:
            self.keys, self.fetched_at = verification_keys((await _published(self.tenant)).document), now
        try:
            verify_access_token(token, self.keys, issuer=self.tenant.issuer, audience=API, now_seconds=to_seconds(now))
        except InvalidToken as error:
            return f"{error} ({(now - NOW) / DAY:.4f} days after the beginning)"
        return None


async def _published(tenant: Tenant) -> Answer:
    return await call(jwks, wire_request(tenant, method="GET"))


def _max_age(answer: Answer) -> Duration:
    return int(answer.headers["cache-control"].rpartition("max-age=")[2]) * SECOND


async def _sign(tenant: Tenant, alg: str, now: Instant) -> str:
    seconds = to_seconds(now)
    claims = {"iss": tenant.issuer, "aud": API, "sub": "ada", "client_id": "app", "jti": f"{alg}-{now}"}
    times = {"iat": seconds, "exp": seconds + LIFETIME // SECOND}
    return jws.sign(await signing_key(tenant.id, alg), alg, "at+jwt", {**claims, **times})


def _moments() -> list[Instant]:
    """Two lives of keys: every other day, and every quarter of a minute around whatever happens to one."""
    life, moments = policy.ACTIVE_FOR, set(range(NOW, NOW + 2 * policy.ACTIVE_FOR + 4 * DAY, 2 * DAY))
    # Announced, active, the end of the last token under the former one, and the end of that.
    for after in (-policy.ANNOUNCED_FOR, 0, LIFETIME, policy.RETIRING_FOR):
        for step in (NOW + life + after, NOW + 2 * life + after):
            moments |= set(range(step - 90 * SECOND, step + 150 * SECOND, 15 * SECOND))
    return sorted(moments)


async def test_no_verification_fails_while_keys_come_and_go() -> None:
    tenant = await make_tenant()
    stated = _max_age(await _published(tenant))
    verifiers = [Verifier(tenant, stated, fetched_at=NOW - stated * part // 3) for part in range(3)]
    verifiers += [Verifier(tenant, max_age) for max_age in (HOUR, policy.ANNOUNCED_FOR)]
    for verifier in verifiers:
        verifier.keys = verification_keys((await _published(tenant)).document)
    rotated_at, failures, signed_by = 0, list[str](), Counter[str]()
    outstanding: list[tuple[Instant, str]] = []
    sizes = set[int]()
    for now in _moments():
        if now - rotated_at >= ROTATION.every:  # as seldom as the schedule comes
            await ROTATION.run(now)
            rotated_at = now
        for alg in ALGORITHMS:
            token = await _sign(tenant, alg, now)
            outstanding.append((now, token))
            signed_by[token.partition(".")[0]] += 1
        outstanding = [(issued, token) for issued, token in outstanding if now < issued + LIFETIME]
        for _, token in outstanding[:3] + outstanding[-3:]:
            failures += [why for verifier in verifiers if (why := await verifier.failure(token, now))]
        published = (await _published(tenant)).document["keys"]
        assert isinstance(published, list)
        sizes.add(len(published))
    assert failures == []
    assert len(signed_by) == 3 * len(ALGORITHMS)  # each algorithm had three keys, one after the other
    assert sizes == {3, 6}


async def test_a_verifier_that_keeps_keys_for_longer_than_they_are_announced_would_fail() -> None:
    """What the timeline above can show: keys that were cached for too long refuse what a new key signed."""
    tenant = await make_tenant()
    verifier = Verifier(tenant, 400 * DAY, fetched_at=NOW, keys=verification_keys((await _published(tenant)).document))
    assert await verifier.failure(await _sign(tenant, "ES256", NOW), NOW) is None
    for now in (NOW + policy.ACTIVE_FOR - policy.ANNOUNCED_FOR, NOW + policy.ACTIVE_FOR):
        await ROTATION.run(now)
    assert await verifier.failure(await _sign(tenant, "ES256", now), now) is not None
