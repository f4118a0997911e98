"""Makes a layer with the package manners: URL of the index, folder."""

import asyncio
import sys
from pathlib import Path

from agentverse.sandbox.bubblewrap import Bubblewrap
from agentverse.sandbox.packages.policy import PackagePolicy
from agentverse.sandbox.packages.supplier import Supplier

url, cache = sys.argv[1:]
asyncio.run(Supplier(Bubblewrap(), PackagePolicy(index=url), cache=Path(cache)).layer(["manners"]))
