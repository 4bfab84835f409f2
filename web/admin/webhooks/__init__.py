"""The list of webhooks, and making one."""
