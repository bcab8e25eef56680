"""Where models run: processes with a deadline and a memory limit, whose results are JSON.

::

    command               dropout-lint verify, or --fix --prove: never imports torch
      | verify_session, prove_session: targets and changes to requests
      | isolation.Host: starts a worker, writes requests, reads answers (lines of JSON)
      v
    worker                imports torch once and computes nothing; starts a child for each request
      | supervise: deadline, number of processes, output; descendants: ends what is left
      | fork (CPU), or a new process (CUDA, and systems without fork)
      v
    child                 sets its memory limit and does one job: runs the user's code
        verify_job, prove_job
        back through a pipe of its own: the stage it is in, the answer, tracebacks of a crash

In reading order:

- `request`: a job and its limits
- `isolation`: the command's side
- `worker`: the process between
- `supervise`: one child, until it answers, ends or is ended
- `descendants`: what a process has started
- `child`: limits, stages, and the way back
- `failures`: why there is no answer
- `verify_job`, `prove_job`: the jobs
- `verify_session`, `prove_session`: many targets, several at once
"""
