"""The linter for e-mail: a message or template in, a verdict out in which every point is explained and located."""

__version__ = "0.1.0"
