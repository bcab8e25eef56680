"""What a run means: the verdict and its evidence."""
