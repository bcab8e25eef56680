"""Running a model, and comparing what comes out."""
