"""Background work: jobs from the outbox, and what every installation does at its times."""

from .mailing import mail_approval
from .records import JobKind, Schedule
from .running import SCHEDULES, running

__all__ = ["SCHEDULES", "JobKind", "Schedule", "mail_approval", "running"]
