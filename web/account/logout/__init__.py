"""The logout pages."""
