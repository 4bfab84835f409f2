"""What a route of the API is, what it is called with, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from server.administration.finding import Unknown, version_of
from server.kernel.paging import Page, Paging

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from _typeshed import DataclassInstance

    from server.administration import Operator, Permission
    from server.administration.streams import Readmit
    from server.kernel.clock import Instant
    from server.kernel.txt_records import ReadTxt
    from server.tenants import Tenant

T = TypeVar("T")

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a document, a page of them, or a stream of text; `version` becomes the ETag."""

    content: DataclassInstance | None = None
    page: Page[DataclassInstance] | None = None
    version: str | None = None
    location: str | None = None  # below PREFIX, of what was created
    pieces: AsyncGenerator[str, None] | None = None  # of a stream
    media_type: str = ""  # of a stream


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the API needs of the installation: who reads TXT records, and whether webhooks may be told in the clear."""

    read_txt: ReadTxt
    allow_http: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was admitted and read. `version` is that of If-Match; None: whichever there is."""

    operator: Operator
    system: Tenant
    public_url: str
    now: Instant
    parameters: Mapping[str, str]
    tenant_named: Tenant | None
    paging: Paging
    query_read: object | None
    body_read: object | None = field(repr=False)
    version: str | None
    surroundings: Surroundings
    readmit: Readmit = field(repr=False)  # who calls at a later instant: a stream asks while it is open

    @property
    def tenant(self) -> Tenant:
        """The tenant in the path."""
        if self.tenant_named is None:
            raise TypeError("the route names no tenant")
        return self.tenant_named

    def identifier(self, name: str) -> UUID:
        """An id in the path; raises Unknown for what is none."""
        text = self.parameters[name]
        try:
            found = UUID(text)
        except ValueError:
            raise Unknown from None
        if str(found) != text:
            raise Unknown
        return found

    def body(self, kind: type[T]) -> T:
        """The body, as the route's table entry says."""
        return _of(kind, self.body_read)

    def query(self, kind: type[T]) -> T:
        """The query parameters, as the route's table entry says."""
        return _of(kind, self.query_read)


Action = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table. `permission` is needed in the tenant of the path, else on the platform; None: see action.

    `shows` makes the document of a record, for conflicts; a route that has it wants If-Match.
    """

    method: str
    path: str
    name: str
    action: Action
    permission: Permission | None
    answer: type | None = None
    body: type | None = None
    query: type | None = None
    status: int = 200
    paged: bool = False
    shows: Callable[[DataclassInstance], DataclassInstance] | None = None
    refusals: tuple[int, ...] = ()  # besides those that follow from the rest
    streams: tuple[str, ...] = ()  # the media types of which it streams one, instead of answering a document

    @property
    def summary(self) -> str:
        """The first sentence of the action's docstring."""
        return (self.action.__doc__ or "").strip().partition("\n")[0]

    @property
    def description(self) -> str:
        """What the docstring says besides."""
        return " ".join((self.action.__doc__ or "").strip().partition("\n")[2].split())

    @property
    def creates(self) -> bool:
        """Whether an Idempotency-Key is understood."""
        return self.method == "POST"

    @property
    def in_tenant(self) -> bool:
        """Whether the path names a tenant."""
        return "{tenant}" in self.path

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts."""
        return tuple(self.path.strip("/").split("/"))


def shown(record: DataclassInstance, document: DataclassInstance, *, location: str | None = None) -> Answer:
    """The answer that shows a record, with its version."""
    return Answer(content=document, version=version_of(record), location=location)


def listed(page: Page[T], build: Callable[[T], DataclassInstance]) -> Answer:
    """The answer that shows a page."""
    return Answer(page=Page(tuple(map(build, page.items)), page.next_cursor))


def _of(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"the route does not read a {kind.__name__}")
    return value
