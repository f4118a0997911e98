"""Incidents of a real PostgreSQL, made and recorded: ``python -m scripts.incidents``."""
