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
# An environment: how agents share a conversation. Name it in a phase: `meet: {name}`, and fill its seats.
# Check it: agentverse validate environments/{name}.yaml
name: {name}
title: {title}
description: What is talked about here, in one line.

# Seats in speaking order, and what each writes.
seats:
  speaker:
    writes: product               # what the phase produces
    prompt: Propose the complete result.
  critic:
    writes: opinion               # agreed or not, and why
    prompt: Agree when nothing important is missing; otherwise name the one change that matters most.

# Rules are replaceable parts.
rules:
  order: alternate                # who speaks
  visibility: all                 # who hears
  selection: all                  # which replies count
  update: transcript              # what each remembers
  stop: {{agreed: true, turns: 6}}
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
