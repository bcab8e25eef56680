"""Where a model runs: processes with a deadline, a memory limit and a result as JSON."""
