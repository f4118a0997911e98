"""The tools that come along, one a file. Importing this registers them all."""

from agentverse.tools.builtin import (
    ask_human,
    edit_file,
    fetch_page,
    list_files,
    look_up,
    read_file,
    run_command,
    search_files,
)

__all__ = [
    "ask_human",
    "edit_file",
    "fetch_page",
    "list_files",
    "look_up",
    "read_file",
    "run_command",
    "search_files",
]
