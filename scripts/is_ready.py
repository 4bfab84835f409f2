"""Whether the Latchkey on this machine can do its work, by its exit code: for containers, which have no curl."""

from __future__ import annotations

import http.client
import sys


def main(port: int) -> int:
    """0 when /readyz answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/readyz")
        return int(connection.getresponse().status != http.HTTPStatus.OK)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9000))
