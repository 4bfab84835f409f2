"""Creating a client, by kind."""
