"""Runs a company: graph, scheduler, phase kinds, limits."""
