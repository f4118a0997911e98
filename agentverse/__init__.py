"""One line becomes tested software."""

__version__ = "0.1.0"
