"""Reading the store: rows into runs and entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched  # type: ignore
