"""Origins that people were sent to, what was decided about places, and the domains of the tenant."""
