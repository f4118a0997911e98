"""Files to start from: small, commented, valid."""

from __future__ import annotations

COMPANY = """\
# A company: roles at work in a graph of phases. Check it: agentverse validate companies/{name}.yaml
# Draw it: agentverse graph {name}            Run it: agentverse run --company {name} "…"
name: {name}
title: {title}
description: What this company makes, in one line.

# Bounds of one run. Hitting one ends the run in order, with the best result so far.
limits: {{tokens: 200000, minutes: 20, turns: 60}}

# What must hold at the end; otherwise the run ends failed. Only evidence shows that software works.
success: check.passed

phases:
  # A phase does exactly one thing: ask a role, let roles meet, run a command, ask a human, run another company.
  demand:
    ask: cpo                      # a role: roles/cpo.yaml
    prompt: |
      State what the product must do, in 3 to 6 numbered items that can be tested.
    produces: {{requirements: requirements}}     # artifact: its type

  design:
    after: demand                 # draws an edge; a list waits for all of them
    ask: cto
    prompt: |
      Cut the product into few files. Name each file's purpose and its public functions.
    produces: {{design: design}}

  # `code` and `tests` both come after `design`, so they are written at the same time.
  code:
    after: design
    each: file in design.files    # one turn per file, as parallel as their `depends_on` allows
    ask: programmer
    prompt: |
      Write {{{{ file.path }}}}, complete: {{{{ file.purpose }}}}
    produces: {{source: files}}

  tests:
    after: design
    ask: tester
    prompt: |
      Write test_product.py for pytest: one test per requirement.
    produces: {{tests: files}}

  check:
    after: [code, tests]
    run: python -m pytest -q      # in the sandbox; what it shows is an artifact too
    produces: {{check: evidence}}

  repair:
    after: check
    when: not check.passed        # a guard
    ask: programmer
    prompt: |
      Mend what the failing tests show. Change as little as possible.
    produces: {{source: edits}}
    then: check                   # a back edge closes a loop, and must be bounded
    at_most: 4
"""

ROLE = """\
# A role: who an agent is. Name it in a phase: `ask: {name}`. Check it: agentverse validate roles/{name}.yaml
name: {name}
title: {title}                    # shown to people, and the author of this role's commits
duties: What this role answers for, in one line.

# The persona, in the second person. It comes last in a prompt, just before the instruction; short is better.
prompt: |
  You are a careful {title}. You do one thing at a time and you keep to what was agreed.

model: edge                       # tier: edge (your own small model), cloud, vision
# temperature: 0.6                # left out: as the model's profile says
"""

ENVIRONMENT = """\
# An environment: how agents share a conversation. Check it: agentverse validate environments/{name}.yaml
# Let it run by itself: agentverse simulate {name} --seed 1      Or name it in a company's phase: `meet: {name}`.
name: {name}
title: {title}
description: Three guests settle where to go; a person may sit down with them.

# Values with their defaults: `simulate {name} --set rounds=2`, or a phase's `inputs`.
params: {{rounds: 1, places: [lake, forest]}}

# What everybody here knows. Templates know parameters; those below also know the world and `me`.
setting: Three guests of an inn settle where to go tomorrow. The choice is between {{{{ places | join(" and ") }}}}.

# Seats in speaking order. A role stands in place or names a file in roles/. `acts` lists what a seat may do; without it
# the seat writes: text, or with `writes` an opinion, a verdict, files …
seats:
  ada: {{acts: [speak, pass], role: {{title: Ada, prompt: You are Ada. You love water.}}}}
  ben: {{acts: [speak, whisper, pass], role: {{title: Ben, prompt: You are Ben. You want to be alone with a book.}}}}
  guest: {{acts: [speak, pass], person: true, role: {{title: Guest}}}}     # a person; passes where nobody is asked

# The state of the world. Only actions, stages and rules change it, and each field keeps its type.
world:
  choice: {{each: true, start: ""}}      # a value for every seat
  goal: ""

# What may be done, beside speak, whisper, move, vote, ask, call_on, raise_hand and pass. Fields: text, integer, number,
# yes_no, seat, others, {{choice: [...]}}, {{from: EXPRESSION}}.
actions:
  choose:
    about: say where you want to go
    fields: {{where: {{from: places}}}}
    changes: {{"choice[me]": where}}
    says: I choose the {{{{ where }}}}.
    # offered: EXPRESSION    when it is there at all      allowed: EXPRESSION    what must hold; `refused` says why not
    # heard_by: EXPRESSION   seats that hear it; those of the rule for visibility when left out

# Rules are replaceable parts.
rules:
  order: alternate                # who speaks
  visibility: all                 # who hears
  selection: all                  # which replies count
  update: transcript              # what changes after a step
  stop: {{turns: 30}}

# Parts of the conversation, one after the other, with tasks, actions and rules of their own.
stages:
  talk:
    title: They talk
    task: Say in one sentence what you would like, or pass.
    until: step > rounds * (seats | length)
  choice:
    title: They choose
    task: Choose.
    acts: [choose]                # for all; or for each seat: {{ada: [choose]}}
    rules:
      order: {{concurrent: {{rounds: 1}}}}
      update: {{tally: {{action: choose, field: where, into: goal, ties: chance}}}}
    end:
      says: They go to the {{{{ goal or "garden" }}}}.
    then: end                     # a stage, `end`, or [{{to: …, when: EXPRESSION}}, …]

# Taken at the end; `simulate {name} --repeat 10` makes a table and a plot of them.
measures: {{goal: goal, lake: goal == 'lake'}}
report: They went to the {{{{ goal or "garden" }}}}.
"""

LANGUAGE = """\
# A programming language: how products in it are written, built, tested and started. No Python is needed.
# Check it: agentverse validate languages/{name}.yaml      See whether it works here: agentverse doctor
name: {name}
title: {title}
other_names: []                   # what people and models call it too, lower case
suffixes: [.{name}]               # of source files

# Program, or absolute path of a file: the Debian package that brings it.
needs: {{make: make}}
env: {{}}
# A toolchain outside /usr can be shown to the sandbox, read-only; the first pattern that is there counts. Only files in
# your config folder may say so, for what lies there could be anything.
# folders: {{/opt/{name}: ["~/.{name}/toolchains/*"]}}
# path: [/opt/{name}/bin]

# Laid into the sandbox when the product has none of its own; never delivered.
files:
  Makefile: "test:\\n\\techo Replace me.\\n"

# Words, never a shell. {{sources}}: all source files. {{report}}: where the report of the tests is to be written.
build: []
test: make test REPORT={{report}}
results: junit                    # junit or go-json
report: "{{report}}"              # or stdout
start: [make, start]
tests: ["test_*"]                 # which files are tests: they belong to whoever writes them
declares: '^test '                # where a test begins; its name in the first group, if there is one
asserts: '\\bassert\\b'           # a test file without one shows nothing
limits: {{memory: 4096, processes: 256, seconds: 120}}     # MiB, threads, seconds

# What a small model has to be told; prompts say {{{{ code.writing.tests }}}}.
writing:
  design: Which files there are, where they lie, and which one is started.
  source: What a source file must hold, and what it must not.
  tests: How test files are called, and what a test looks like.
"""

STARTERS = {"company": COMPANY, "role": ROLE, "environment": ENVIRONMENT, "language": LANGUAGE}


def starter(kind: str, name: str) -> str:
    """The text of a new file of ``kind`` called ``name``."""
    title = name.replace("_", " ").capitalize()
    return STARTERS[kind].format(name=name, title=title)
