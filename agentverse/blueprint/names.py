"""The smallest parts of what a user writes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""Lower-case identifier: it is used in step keys and in templates."""
Expression = Annotated[
    str,
    BeforeValidator(lambda value: str(value).lower() if isinstance(value, bool) else value),
    WithJsonSchema({"type": ["string", "boolean"]}),
]
"""A Jinja2 expression without braces, such as ``not check.passed``. A plain ``true`` or ``false`` is one too."""
