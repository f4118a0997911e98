"""The produced software as a git repository, written in-process."""
