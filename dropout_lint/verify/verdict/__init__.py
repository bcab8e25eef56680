"""What runs mean: whether a model is deterministic in eval mode, and which line is the reason.

In reading order:

- `evidence`: what observed and unobserved runs show of one model
- `influence`: whether a draw changes the output, by experiment
- `explain`: state, kernel or outside world, where runs under one seed differ
- `training`: whether dropout draws in train mode, and again after eval mode
- `declared`: randomness that is declared to be intended
- `intended`: randomness that the linter takes for intended
- `evaluation`: `verify_eval`, from the evidence to the report
"""
