"""The trust inbox: clients at places where people wait to be let through."""
