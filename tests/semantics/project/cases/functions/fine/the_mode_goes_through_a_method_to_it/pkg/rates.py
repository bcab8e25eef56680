def rate(training, p=0.3):
    return p if training else 0.0
