"""What a worker and the process that watches it agree upon."""

READY = b"."  # what a worker sends when it serves
BACKLOG = 1024
FINISH_SECONDS = 7  # for requests in flight when a worker is told to end
KILL_SECONDS = 10  # then it is killed
