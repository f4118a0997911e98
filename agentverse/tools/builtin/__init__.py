"""The tools that come along, one a file."""
