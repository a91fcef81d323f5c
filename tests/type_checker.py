"""Executes the shapes and types of signatures while the tests run (see pytest's settings)."""

from __future__ import annotations

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""As type checkers do, take an int where a float is wanted."""
