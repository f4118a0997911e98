"""Actions that come with the product. An environment changes them field by field, and adds its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from agentverse.blueprint.acting import Action
from agentverse.blueprint.environment import Environment
from agentverse.environment.protocol import PASS

BUILT_IN: Mapping[str, Action] = {
    "speak": Action(about={"en": "", "zh": "说话"}, fields={"text": "text"}, says="{{ text }}"),
    "ask": Action(
        about={"en": "put a question to everybody", "zh": "向所有人提问"},
        fields={"text": "text"},
        says="{{ text }}",
    ),
    "call_on": Action(
        about={"en": "let one of the others speak", "zh": "请某个人发言"},
        fields={"who": "others"},
        says={"en": "{{ names[who] }}, please.", "zh": "请{{ names[who] }}发言。"},
    ),
    "raise_hand": Action(
        about={"en": "", "zh": "举手"},
        says={"en": "(raises a hand)", "zh": "（举手）"},
    ),
    "whisper": Action(
        about={"en": "say something that only one of the others hears", "zh": "只对一个人悄悄说话"},
        fields={"who": "others", "text": "text"},
        says={"en": "(whispers to {{ names[who] }}) {{ text }}", "zh": "（悄悄对{{ names[who] }}说）{{ text }}"},
        heard_by="who",
    ),
    "move": Action(
        about={"en": "go to another place", "zh": "去另一个地方"},
        fields={"where": {"from": "places | reject('equalto', place[me])"}},
        changes={"place[me]": "where"},
        says={"en": "(goes to: {{ names.get(where, where) }})", "zh": "（去：{{ names.get(where, where) }}）"},
        heard_by="place.items() | selectattr(1, 'in', [place[me], where]) | map(attribute=0)",
    ),
    "vote": Action(
        about={"en": "vote for one of the others", "zh": "投票给某个人"},
        fields={"who": "others"},
        changes={"votes[me]": "who"},
        says={"en": "(votes for {{ names[who] }})", "zh": "（投票给{{ names[who] }}）"},
    ),
    PASS: Action(about={"en": "say nothing", "zh": "不说话"}),
}


def actions_of(environment: Environment) -> dict[str, Action]:
    """All actions of an environment by name: its own laid over those that come with the product."""
    found = dict(BUILT_IN)
    for name, said in environment.actions.items():
        base = BUILT_IN.get(name)
        over = {key: getattr(said, key) for key in said.model_fields_set}
        found[name] = said if base is None else base.model_copy(update=over)
    return found


@lru_cache(maxsize=256)
def needs(name: str) -> frozenset[str]:
    """Fields of the world that an action of the product needs."""
    return {"move": frozenset({"place", "places"}), "vote": frozenset({"votes"})}.get(name, frozenset())
