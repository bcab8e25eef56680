import contextlib
import unittest

import torch


class Case(unittest.TestCase):
    def test(self):
        with self.assertRaises(AttributeError):
            self.model.eval
        self.model.eval  # expect: DRP101


def probe(model):
    try:
        model.eval
        model.train
    except (TypeError, AttributeError):
        return False
    with contextlib.suppress(AttributeError):
        model.eval
    try:
        model.eval  # expect: DRP101
    except ValueError:
        pass
    try:
        pass
    except AttributeError:
        model.train  # expect: DRP101
    assert model.eval
    [model.eval, model.train]
    return torch.no_grad()
