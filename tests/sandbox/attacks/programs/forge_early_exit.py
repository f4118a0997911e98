"""A test that ends the whole run with the code of success."""

import os


def test_a():
    pass


def test_b():
    os._exit(0)
