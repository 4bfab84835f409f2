"""A whole trust policy as text: YAML, as it stands below `trust_policy` in a manifest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import yaml

from server import trust
from server.trust import InvalidPolicy

from .manifest import ManifestError, read_documents

if TYPE_CHECKING:
    from server.trust import TrustPolicy


def policy_text(policy: TrustPolicy) -> str:
    """The policy as YAML."""
    return yaml.safe_dump(trust.policy_to_json(policy), sort_keys=False, allow_unicode=True, width=1000)


async def read_policy_text(text: str) -> TrustPolicy:
    """The policy that a text says, the empty one for none; raises InvalidPolicy. Long texts hold up nobody."""
    return await asyncio.to_thread(_read, text)


def _read(text: str) -> TrustPolicy:
    try:
        # What is written once and meant many times can be made to mean too much.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise InvalidPolicy("aliases of YAML are not read here")
        documents = [member.plain() for member in read_documents(text, "line")]
    except ManifestError as error:
        raise InvalidPolicy(str(error)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidPolicy(f"line {line}: {error.problem}") from None
    except yaml.YAMLError:
        raise InvalidPolicy("it has characters that YAML does not allow") from None
    if len(documents) > 1:
        raise InvalidPolicy("it is more than one document")
    return trust.policy_from_json(documents[0] if documents else {})
