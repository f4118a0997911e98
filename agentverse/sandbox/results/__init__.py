"""Reports of test runners other than pytest, written beside hostile code: nothing in them is taken on trust."""

from agentverse.sandbox.results.found import Found
from agentverse.sandbox.results.gojson import read_go
from agentverse.sandbox.results.junit import read_junit
from agentverse.sandbox.results.places import Places

__all__ = ["Found", "Places", "read_go", "read_junit"]
