"""The redirect step: the destination page, the held page, and the page of those who stayed."""
