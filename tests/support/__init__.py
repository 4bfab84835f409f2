"""What the tests stand on: databases, sockets, processes."""
