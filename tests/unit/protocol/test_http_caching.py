"""What a cache that many share may believe of an answer's headers."""

from __future__ import annotations

import pytest

from server.protocol.http_caching import freshness_seconds

DATE = "Wed, 25 Nov 2026 12:00:00 GMT"


@pytest.mark.rfc("9111", "5.2")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, Max-Age = 600"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "max-age=600, max-age=60"}, 600),
        ({"cache-control": "max-age=60, s-maxage=600"}, 600),
        ({"cache-control": "max-age=600", "age": "500"}, 100),
        ({"cache-control": "max-age=600", "age": "700"}, 0),
        ({"cache-control": "max-age=600", "age": "old"}, 600),
        ({"cache-control": "max-age=-1"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"cache-control": "max-age"}, 0),
        ({"cache-control": "no-store, max-age=600"}, 0),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "private, max-age=600"}, 0),
        ({"cache-control": 'no-cache="set-cookie", max-age=600'}, 0),
        ({"cache-control": "max-age=0", "expires": "Wed, 25 Nov 2026 13:00:00 GMT", "date": DATE}, 0),
        ({"expires": "Wed, 25 Nov 2026 13:00:00 GMT", "date": DATE}, 3600),
        ({"expires": "Wed, 25 Nov 2026 13:00:00 GMT", "date": DATE, "age": "600"}, 3000),
        ({"expires": "Wed, 25 Nov 2026 11:00:00 GMT", "date": DATE}, 0),
        ({"expires": "Wed, 25 Nov 2026 13:00:00 GMT"}, 0),
        ({"expires": "0", "date": DATE}, 0),
        ({"expires": "Wed, 25 Nov 2026 13:00:00", "date": DATE}, 0),
    ],
)
def test_the_remaining_lifetime(headers: dict[str, str], seconds: int) -> None:
    assert freshness_seconds(headers) == seconds
