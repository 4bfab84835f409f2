"""Reads across slices for one screen or one job. They change nothing."""

from .jobs import JobCount, JobFacts, ScheduleRun, job_facts

__all__ = ["JobCount", "JobFacts", "ScheduleRun", "job_facts"]
