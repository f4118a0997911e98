import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.blueprint.company import Company
from agentverse.engine.graph import Loop, Region, ancestors, compile_graph, critical, descendants, forward, plan


def company(**phases: dict[str, object]) -> Company:
    return Company.model_validate(
        {"name": "c", "phases": {name: {"ask": "r", **spec} for name, spec in phases.items()}}
    )


def shape(region: Region) -> list[object]:
    return [(step.header, step.sources, shape(step.body)) if isinstance(step, Loop) else step for step in region.steps]


SOFTWARE = company(
    demand={},
    design={"after": "demand"},
    code={"after": "design"},
    tests={"after": "design"},
    review={"after": ["code", "tests"]},
    check={"after": "review"},
    repair={"after": "check", "then": "check", "at_most": 5, "or_else": "give_up"},
    amend={"after": ["check"], "then": "check", "at_most": 2},
    manual={"after": "check"},
    give_up={},
)


def test_edges_have_kinds() -> None:
    graph = compile_graph(SOFTWARE)
    assert list(graph) == list(SOFTWARE.phases)
    kinds = {(before, after): kind for before, after, kind in graph.edges(data="kind")}
    assert kinds[("code", "review")] == "after"
    assert kinds[("repair", "check")] == "then"
    assert kinds[("repair", "give_up")] == "or_else"
    assert graph.nodes["review"]["phase"] is SOFTWARE.phases["review"]
    assert graph.nodes["review"]["index"] == 4


def test_any_is_an_edge_of_its_own_kind_and_unknown_names_draw_none() -> None:
    graph = compile_graph(company(a={}, b={}, c={"after": "a", "any": ["b", "nobody"]}, d={"after": ["nobody"]}))
    assert dict(((x, y), kind) for x, y, kind in graph.edges(data="kind")) == {("a", "c"): "after", ("b", "c"): "any"}


def test_the_longest_ways_through_the_phases_that_ask_a_model_are_critical() -> None:
    assert critical(compile_graph(SOFTWARE)) == set(SOFTWARE.phases) - {"amend", "manual"}
    beside = company(a={}, long={"after": "a"}, longer={"after": "long"}, short={"after": "a"}, alone={})
    assert critical(compile_graph(beside)) == {"a", "long", "longer"}
    commands = company(a={}, b={"after": "a", "ask": None, "run": "true"}, c={"after": "a"})
    assert critical(compile_graph(commands)) == {"a", "c"}


def test_phases_that_lie_on_a_way_back_are_one_step() -> None:
    assert shape(plan(compile_graph(SOFTWARE))) == [
        "demand",
        "design",
        "code",
        "tests",
        "review",
        ("check", ("repair", "amend"), ["check", "repair", "amend"]),
        "manual",
        "give_up",
    ]


def test_loops_nest() -> None:
    graph = compile_graph(
        company(
            a={},
            b={"after": "a"},
            c={"after": "b", "then": "b", "at_most": 2},
            d={"after": "c"},
            e={"after": "d", "then": "a", "at_most": 3},
            f={"after": "e"},
        )
    )
    assert shape(plan(graph)) == [("a", ("e",), ["a", ("b", ("c",), ["b", "c"]), "d", "e"]), "f"]


def test_a_phase_may_be_a_loop_by_itself() -> None:
    graph = compile_graph(company(a={}, b={"after": "a", "then": "b", "at_most": 2}))
    assert shape(plan(graph)) == ["a", ("b", ("b",), ["b"])]


def test_equals_stand_in_the_order_of_the_file() -> None:
    graph = compile_graph(company(z={}, m={}, a={}, b={"after": ["z"]}))
    assert plan(graph).steps == ("z", "m", "a", "b")


def test_a_circle_has_no_order() -> None:
    with pytest.raises(ValueError, match=r"in a circle: a, b$"):
        plan(compile_graph(company(a={"after": "b"}, b={"after": "a"}, c={})))


def test_descendants_go_round_loops() -> None:
    graph = compile_graph(SOFTWARE)
    assert descendants(graph, "repair") == {"check", "amend", "manual", "give_up"}
    assert descendants(graph, "manual") == set()
    assert ancestors(forward(graph), "check") == {"demand", "design", "code", "tests", "review"}


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Companies in which every ``then`` leads back along forward edges; loops may overlap."""
    count = draw(st.integers(1, 9))
    order = [f"p{index}" for index in range(count)]
    phases: dict[str, dict[str, object]] = {}
    above: dict[str, set[str]] = {}
    for index, name in enumerate(order):
        before = draw(st.lists(st.sampled_from(order[:index]), unique=True, max_size=3)) if index else []
        split = draw(st.integers(0, len(before)))
        above[name] = set(before).union(*(above[other] for other in before)) if before else set()
        phases[name] = {"after": before[:split], "any": before[split:]}
        targets = sorted(above[name] | {name})
        if draw(st.booleans()):
            phases[name] |= {"then": draw(st.sampled_from(targets)), "at_most": draw(st.integers(1, 3))}
    shuffled = draw(st.permutations(order))
    return company(**{name: phases[name] for name in shuffled})


def loops_of(region: Region) -> list[Loop]:
    found = [step for step in region.steps if isinstance(step, Loop)]
    return found + [inner for loop in found for inner in loops_of(loop.body)]


@settings(deadline=None)
@given(companies())
def test_a_plan_holds_every_phase_once_and_respects_forward_edges(made: Company) -> None:
    graph = compile_graph(made)
    region = plan(graph)
    assert sorted(region.phases) == sorted(made.phases)
    position = {name: place for place, name in enumerate(region.phases)}
    for before, after, kind in graph.edges(data="kind"):
        if kind != "then":
            assert position[before] < position[after]


@settings(deadline=None)
@given(companies())
def test_loops_are_nested_and_every_way_back_belongs_to_one(made: Company) -> None:
    region = plan(compile_graph(made))
    loops = loops_of(region)
    for one in loops:
        assert one.header in one.phases
        assert set(one.sources) <= set(one.phases)
        assert all(made.phases[source].then == one.header for source in one.sources)
        for other in loops:
            shared = set(one.phases) & set(other.phases)
            assert not shared or shared in (set(one.phases), set(other.phases))
    assert sorted(source for loop in loops for source in loop.sources) == sorted(
        name for name, phase in made.phases.items() if phase.then
    )


@settings(deadline=None)
@given(companies())
def test_a_plan_depends_on_the_company_only(made: Company) -> None:
    graph = compile_graph(made)
    again = nx.DiGraph()
    again.add_nodes_from(reversed(list(graph.nodes(data=True))))
    again.add_edges_from(reversed(list(graph.edges(data=True))))
    assert shape(plan(again)) == shape(plan(graph))
