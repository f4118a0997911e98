"""The table of rules in docs/environments.md, made from the rules themselves: ``python scripts/rules_table.py``."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from agentverse.environment.registry import KINDS, Rule, built_in_rules, option_names

PAGE = Path(__file__).parents[1] / "docs" / "environments.md"
BEGINS, ENDS = "<!-- rules: made by scripts/rules_table.py -->\n", "<!-- end of rules -->\n"


def table() -> str:
    """All rules that come with the product, as Markdown."""
    lines: list[str] = []
    ours = {at: made for at, made in built_in_rules().items() if made.__module__.startswith("agentverse.")}
    for kind in KINDS:
        lines += [f"\n### {kind}\n", "| rule | what it does | options |", "| --- | --- | --- |"]
        lines += [_row(name, made) for (of, name), made in ours.items() if of == kind]
    return "\n".join([*lines, "", ""])


def _row(name: str, made: type[Rule]) -> str:
    options = "<br>".join(_option(option, made.model_fields[option]) for option in option_names(made)) or "–"
    return f"| `{name}` | {_plain(inspect.getdoc(made) or '')} | {options} |"


def _option(name: str, about: FieldInfo) -> str:
    default = about.get_default(call_default_factory=True)
    needed = default is PydanticUndefined
    usual = "" if needed or default in (None, "", [], {}) else f" = {json.dumps(default, ensure_ascii=False)}"
    says = _plain(about.description or "").rstrip(".")
    return f"`{name}{usual}`" + (" (needed)" if needed else "") + (f": {says}" if says else "")


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGINS)
    PAGE.write_text(before + BEGINS + table() + ENDS + rest.partition(ENDS)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
