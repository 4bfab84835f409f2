"""Reads across slices for one screen or one job. They change nothing."""

from .access import AccessFilter, GrantLine, SessionLine, find_session, find_sessions, list_grants, list_sessions
from .activity import About, Happening, count_by_day, list_happenings
from .consents import Bond, ConsentFilter, ConsentLine, ConsentSum, list_consents, sum_consents
from .groups import GroupFilter, GroupLine, list_groups
from .holds import HoldFilter, HoldLine, count_open_holds, list_holds
from .installations import TenantFilter, TenantLine, list_installed
from .jobs import DeadJob, JobCount, JobFacts, ScheduleRun, find_dead_job, job_facts, list_dead_jobs
from .known_domains import known_domains
from .logins import LoginLine, find_login
from .memberships import MembershipLine, count_other_owners, list_memberships
from .names import ClientName, Names, names_of
from .origins import OriginClient, list_clients_at, list_origins
from .people import PersonFilter, PersonLine, PersonOrder, list_people
from .registrations import ClientFilter, ClientLine, list_registrations
from .running import DatabaseFacts, database_facts, database_time
from .webhooks import webhooks_behind

__all__ = [
    "About",
    "AccessFilter",
    "Bond",
    "ClientFilter",
    "ClientLine",
    "ClientName",
    "ConsentFilter",
    "ConsentLine",
    "ConsentSum",
    "DatabaseFacts",
    "DeadJob",
    "GrantLine",
    "GroupFilter",
    "GroupLine",
    "Happening",
    "HoldFilter",
    "HoldLine",
    "JobCount",
    "JobFacts",
    "LoginLine",
    "MembershipLine",
    "Names",
    "OriginClient",
    "PersonFilter",
    "PersonLine",
    "PersonOrder",
    "ScheduleRun",
    "SessionLine",
    "TenantFilter",
    "TenantLine",
    "count_by_day",
    "count_open_holds",
    "count_other_owners",
    "database_facts",
    "database_time",
    "find_dead_job",
    "find_login",
    "find_session",
    "find_sessions",
    "job_facts",
    "known_domains",
    "list_clients_at",
    "list_consents",
    "list_dead_jobs",
    "list_grants",
    "list_groups",
    "list_happenings",
    "list_holds",
    "list_installed",
    "list_memberships",
    "list_origins",
    "list_people",
    "list_registrations",
    "list_sessions",
    "names_of",
    "sum_consents",
    "webhooks_behind",
]
