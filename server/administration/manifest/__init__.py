"""Manifests: tenants described in YAML, applied as often as one likes."""

from .apply import apply_manifest, hash_passwords, plan_manifest
from .changes import Change, Sign
from .document import read_documents
from .export import UnknownTenant, export_tenant
from .parse import parse_manifests
from .plan import Options, Plan
from .records import Manifest, ManifestError
from .trust import read_trust_policy

__all__ = [
    "Change",
    "Manifest",
    "ManifestError",
    "Options",
    "Plan",
    "Sign",
    "UnknownTenant",
    "apply_manifest",
    "export_tenant",
    "hash_passwords",
    "parse_manifests",
    "plan_manifest",
    "read_documents",
    "read_trust_policy",
]
