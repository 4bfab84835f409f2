"""Reads across slices for one screen or one job. They change nothing."""

from .jobs import JobCount, JobFacts, ScheduleRun, job_facts
from .known_domains import known_domains
from .webhooks import webhooks_behind

__all__ = ["JobCount", "JobFacts", "ScheduleRun", "job_facts", "known_domains", "webhooks_behind"]
