"""Hostile programs, what each of them tries, and who judges what came of it.

``python -m tests.sandbox.attacks`` runs them all on every sandbox of this machine and prints the table.
"""
