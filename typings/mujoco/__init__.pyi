# MuJoCo ships no types for what its binary modules export; without this, every name is an error.
from typing import Any

def __getattr__(name: str) -> Any: ...
