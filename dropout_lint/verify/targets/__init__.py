"""What to run and with what: names of targets, models, inputs."""
