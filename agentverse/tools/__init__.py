"""Tools that agents call: the registry, the loop of calls, the built-in tools, MCP servers."""
