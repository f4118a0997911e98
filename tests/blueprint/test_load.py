import json
from pathlib import Path

import pytest

from agentverse.blueprint.load import Layer, Library, Resolved
from agentverse.errors import BlueprintError

ROLE = "title: Programmer\nprompt: You write code.\ntemperature: 0.2\n"
SEMINAR = "seats:\n  a: {writes: product}\n  b: {writes: opinion}\nrules:\n  stop: {turns: 4}\n  order: sequential\n"
SMALL = "phases:\n  code:\n    ask: programmer\n    prompt: Write it.\n    produces: {source: files}\n"


def problems_of(library: Library, name: str = "c") -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        library.company(name)
    return [str(problem) for problem in caught.value.problems]


def test_a_company_is_resolved_with_what_it_uses(project) -> None:
    text = (
        SMALL + "  talk:\n    after: code\n    meet: seminar\n    seats: {a: programmer, b: boss}\n    prompt: Talk.\n"
    )
    library = project(
        companies__c=text,
        roles__programmer=ROLE,
        roles__boss="title: Boss\n",
        roles__idle=ROLE,
        environments__seminar=SEMINAR,
    )
    resolved = library.company("c")
    assert list(resolved.roles) == ["programmer", "boss"]
    assert resolved.roles["boss"].name == "boss"
    assert resolved.company.name == "c"
    assert resolved.environments["seminar"].rules.stop == {"turns": 4}
    assert resolved.locate(("phases", "talk", "seats", "b")) == ("companies/c.yaml", 9, 31)
    assert resolved.locate(("roles", "programmer", "prompt")) == ("roles/programmer.yaml", 2, 9)
    assert resolved.locate(("phases", "talk", "nowhere")) == ("companies/c.yaml", 6, 3)


def test_a_resolved_company_survives_the_journal(project) -> None:
    resolved = project(companies__c=SMALL, roles__programmer=ROLE).company("c")
    again = Resolved.model_validate(json.loads(json.dumps(resolved.model_dump(mode="json"))))
    assert again.model_dump() == resolved.model_dump()
    assert again.revision == resolved.revision
    assert again.locate(("phases", "code", "ask")) == ("c", 1, 1)


def test_the_revision_changes_with_the_meaning_only(project) -> None:
    revision = project(companies__c=SMALL, roles__programmer=ROLE).company("c").revision
    assert project(companies__c="# note\n" + SMALL + "    samples: 1\n").company("c").revision == revision
    assert project(companies__c=SMALL.replace("Write it.", "Write!")).company("c").revision != revision
    assert project(companies__c=SMALL, roles__programmer=ROLE + "model: cloud\n").company("c").revision != revision


def test_overrides_in_place_are_laid_over_the_file_field_by_field(project) -> None:
    text = (
        "roles:\n  programmer: {temperature: 0.9}\n  helper: {title: Helper}\n"
        "environments:\n  seminar:\n    rules: {stop: {turns: 9}}\n"
        + SMALL
        + "  talk:\n    meet: seminar\n    seats: {a: programmer, b: helper}\n    prompt: Talk.\n"
    )
    library = project(companies__c=text, roles__programmer=ROLE, environments__seminar=SEMINAR)
    resolved = library.company("c")
    assert resolved.roles["programmer"].temperature == 0.9
    assert resolved.roles["programmer"].title == "Programmer"
    assert resolved.roles["helper"].title == "Helper"
    seminar = resolved.environments["seminar"]
    assert (seminar.rules.stop, seminar.rules.order, list(seminar.seats)) == ({"turns": 9}, "sequential", ["a", "b"])
    assert resolved.locate(("roles", "programmer", "temperature")) == ("companies/c.yaml", 2, 29)
    assert resolved.locate(("roles", "programmer", "title")) == ("roles/programmer.yaml", 1, 8)


def test_project_comes_before_user_before_shipped(tmp_path, monkeypatch) -> None:
    for folder, title in (("project", "Mine"), ("config", "Ours")):
        (tmp_path / folder / "roles").mkdir(parents=True)
        (tmp_path / folder / "roles" / "extra.yaml").write_text(f"title: {title}\n")
    (tmp_path / "config" / "roles" / "programmer.yaml").write_text("title: {en: Coder, zh: 码农}\n")
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "config"))
    library = Library.default(tmp_path / "project")
    found = {source.name: source for source in library.names("role")}
    assert (found["extra"].origin, found["extra"].title) == ("project", "Mine")
    assert (found["programmer"].origin, found["programmer"].title) == ("user", {"en": "Coder", "zh": "码农"})
    assert found["cto"].origin == "shipped"
    assert library.load_role("programmer").title == {"en": "Coder", "zh": "码农"}
    assert list(library.load_environment("seminar").seats) == ["assistant", "instructor"]


def test_the_user_folder_follows_xdg(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("AGENTVERSE_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Library.default().layers[1] == Layer("user", tmp_path / "agentverse")


@pytest.mark.parametrize("name", [source.name for source in Library.default(Path("/nowhere")).names("company")])
def test_every_shipped_company_loads(name: str) -> None:
    library = Library.default(Path("/nowhere"))
    assert library.load(name).problems == ()


def test_a_path_sees_what_lies_beside_it(project, tmp_path, monkeypatch) -> None:
    project(companies__c=SMALL, roles__programmer=ROLE)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    library = Library([Layer("project", tmp_path / "elsewhere")])
    assert library.company("../companies/c.yaml").roles["programmer"].title == "Programmer"
    assert problems_of(library, "../companies/d.yaml") == [
        "../companies/d.yaml:1:1: there is no such file. did you mean 'c.yaml'?"
    ]


def test_what_is_not_found_says_what_was_looked_for_and_where(project) -> None:
    library = project(companies__software=SMALL, roles__programmer=ROLE, environments__seminar=SEMINAR)
    assert problems_of(library, "sofware") == [
        "companies/sofware.yaml:1:1: there is no company 'sofware'; looked in companies. did you mean 'software'?"
    ]
    with pytest.raises(
        BlueprintError, match=r"there is no role 'programer'; looked in roles\. did you mean 'programmer'\?"
    ):
        library.load_role("programer")
    with pytest.raises(BlueprintError, match=r"there is no environment 'x'; .* there is: seminar\."):
        library.load_environment("x")


@pytest.mark.parametrize("name", ["..", "../companies/c", "", "/etc/passwd", "a/b"])
def test_a_name_never_leads_out_of_the_folders(project, name: str) -> None:
    library = project(roles__programmer=ROLE)
    with pytest.raises(BlueprintError, match="there is no role"):
        library.load_role(name)


def test_companies_nest_and_may_not_call_each_other_in_a_circle(project) -> None:
    outer = "phases:\n  inner: {company: c}\n"
    library = project(companies__c=SMALL, companies__outer=outer, roles__programmer=ROLE)
    resolved = library.company("outer")
    assert list(resolved.companies) == ["c"]
    assert list(resolved.companies["c"].roles) == ["programmer"]
    assert resolved.companies["c"].locate(("phases", "code", "ask")) == ("companies/c.yaml", 3, 10)
    library = project(companies__c="phases:\n  back: {company: outer}\n")
    assert problems_of(library, "outer") == [
        "companies/c.yaml:2:19: phases.back.company: companies call each other in a circle: outer → c → outer."
    ]


def test_all_problems_of_all_files_come_at_once(project) -> None:
    company = "name: d\nphases:\n  code:\n    ask: programer\n  test:\n    ask: tester\n    seats: {x: boss}\n"
    library = project(companies__c=company, roles__programmer=ROLE, roles__tester="titel: T\nmodel: 3\n")
    assert problems_of(library) == [
        "companies/c.yaml:1:7: name: the file is called 'c' but its name is 'd'. write 'c', or rename the file.",
        "companies/c.yaml:4:10: phases.code.ask: there is no role 'programer'; looked in roles."
        " did you mean 'programmer'?",
        "companies/c.yaml:7:16: phases.test.seats.x: there is no role 'boss'; looked in roles."
        " there is: programmer, tester.",
        "roles/tester.yaml:1:1: titel: unknown key 'titel'. did you mean 'title'?",
        "roles/tester.yaml:2:8: model: expected 'edge', 'cloud' or 'vision'; got the number 3.",
    ]


BROKEN = [
    ("phases:\n  a: {ask: r, promt: x}\n", "2:15: phases.a.promt: unknown key 'promt'. did you mean 'prompt'?"),
    ("phases:\n  a: {ask: r}\nlimit: {}\n", "3:1: limit: unknown key 'limit'. did you mean 'limits'?"),
    ("limits: {token: 5}\nphases: {a: {ask: r}}\n",
     "1:10: limits.token: unknown key 'token'. did you mean 'tokens'?"),
    ("title: x\n", "1:1: the key 'phases' is missing."),
    ("phases: {}\n", "1:1: phases: expected at least 1; got 0."),
    ("phases: [a]\n", "1:1: phases: expected a mapping; got a list."),
    ("phases:\n  a: yes\n", "2:6: phases.a: expected a mapping; got the text 'yes'."),
    ("phases:\n  a: {prompt: x}\n",
     "2:3: phases.a: a phase has exactly one of ask, meet, run, human, company, network, call; "
     "this one has none of them."),
    ("phases:\n  a:\n    ask: r\n    run: x\n",
     "4:5: phases.a.run: a phase has exactly one of ask, meet, run, human, company, network, call; "
     "this one has ask and run."),
    ("phases:\n  a: {ask: r, then: a}\n",
     "2:15: phases.a.then: a loop needs both 'then' (where to) and 'at_most' (how often)."),
    ("phases:\n  a: {ask: r, each: files}\n",
     "2:15: phases.a.each: each is written 'item in list', such as 'file in design.files'."),
    ("phases:\n  a: {ask: r, title: 2048}\n",
     "2:22: phases.a.title: expected text or a mapping; got the number 2048. put it in quotes."),
    ("phases:\n  a: {ask: r, title: {eng: x}}\n",
     "2:23: phases.a.title.eng: expected 'en' or 'zh'; got the text 'eng'. did you mean 'en'?"),
    ("phases:\n  a: {ask: r, title: {en: 5}}\n",
     "2:27: phases.a.title.en: expected text; got the number 5. put it in quotes."),
    ("phases:\n  a: {ask: r, run: 5}\n",
     "2:20: phases.a.run: expected text or a list or a mapping; got the number 5. put it in quotes."),
    ("phases:\n  a: {run: [pytest, 5]}\n", "2:21: phases.a.run[1]: expected text; got the number 5. put it in quotes."),
    ("phases:\n  a: {ask: r, on_error: retri}\n",
     "2:25: phases.a.on_error: expected 'fail', 'retry', 'escalate' or 'continue'; got the text 'retri'. "
     "did you mean 'retry'?"),
    ("phases:\n  a: {ask: r, samples: 0}\n", "2:24: phases.a.samples: expected at least 1; got the number 0."),
    ("phases:\n  a: {ask: r, samples: true}\n", "2:24: phases.a.samples: expected a whole number; got true."),
    ("phases:\n  a: {ask: r, timeout: -1}\n", "2:24: phases.a.timeout: expected more than 0; got the number -1."),
    ("phases:\n  a: {ask: r, temperature: hot}\n",
     "2:28: phases.a.temperature: expected a number; got the text 'hot'."),
    ("phases:\n  My-Phase: {ask: r}\n",
     "2:3: phases.My-Phase: a name is lower-case letters, digits and '_', and begins with a letter; got 'My-Phase'. "
     "did you mean 'my_phase'?"),
    ("phases:\n  a: {ask: r, after: Check}\n",
     "2:22: phases.a.after: a name is lower-case letters, digits and '_', and begins with a letter; got 'Check'. "
     "did you mean 'check'?"),
    ("phases:\n  a: {ask: r}\n  a: {ask: r}\n", "3:3: phases.a: the key 'a' is given twice; the first is on line 2."),
    ("phases:\n  a: {ask: r\n", "2:6: the mapping in { } is not closed, or a ',' is missing."),
    ("- a\n", "1:1: a mapping of keys to values was expected."),
    ("roles:\n  q: {promt: x}\nphases:\n  a: {ask: r}\n",
     "2:7: roles.q.promt: unknown key 'promt'. did you mean 'prompt'?"),
    ("environments:\n  e: {rules: {}}\nphases:\n  a: {ask: r}\n", "2:3: environments.e: the key 'seats' is missing."),
    ("environments:\n  e: {seats: []}\nphases:\n  a: {ask: r}\n",
     "2:7: environments.e.seats: expected at least 1; got 0."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BROKEN)
def test_each_mistake_has_its_place_and_its_sentence(project, text: str, expected: str) -> None:
    assert problems_of(project(companies__c=text, roles__r="title: R\n")) == [f"companies/c.yaml:{expected}"]


def test_several_mistakes_in_one_file_are_all_told_in_order(project) -> None:
    text = "titel: x\nphases:\n  a: {ask: r, promt: x, at_moust: 3}\n  b: {meet: e, turns: many}\n"
    assert [problem.split(": ")[0] for problem in problems_of(project(companies__c=text, roles__r="title: R\n"))] == [
        "companies/c.yaml:1:1",
        "companies/c.yaml:3:15",
        "companies/c.yaml:3:25",
        "companies/c.yaml:4:23",
    ]


def test_a_plain_true_is_an_expression(project) -> None:
    text = "success: true\n" + SMALL + "    when: false\n"
    company = project(companies__c=text, roles__programmer=ROLE).company("c").company
    assert (company.success, company.phases["code"].when) == ("true", "false")


def test_text_that_is_not_saved_yet_can_be_loaded(project) -> None:
    library = project(roles__programmer=ROLE)
    loaded = library.load("new", text=SMALL)
    assert loaded.resolved is not None
    assert loaded.resolved.company.name == "new"
    assert not loaded.problems


def test_broken_files_are_listed(project) -> None:
    library = project(roles__a="title: [\n", roles__b="title: B\n")
    assert [(source.name, source.title) for source in library.names("role")] == [("a", ""), ("b", "B")]
