"""Columns of Parquet files, read without trust: types and sizes before anything is allocated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.data.demonstrations import MOST_BYTES
from saccade.data.lerobot import layout
from saccade.errors import DamagedFileError
from saccade.storage.files import require_file


def checked_table(path: Path, types: Mapping[str, Any], most_rows: int) -> Any:
    """Columns of a Parquet file, after a look at their types and sizes.

    Raises:
        DamagedFileError: It is missing, damaged or too large, or a column is missing or of another
            type.
    """
    pa, pq = layout.import_pyarrow()
    require_file(path)
    try:
        file = pq.ParquetFile(path, memory_map=False)
        facts, schema = file.metadata, file.schema_arrow
        groups = [facts.row_group(i).total_byte_size for i in range(facts.num_row_groups)]
        if facts.num_rows > most_rows or sum(groups) > MOST_BYTES or min(groups, default=0) < 0:
            raise DamagedFileError(
                f"{path} has {facts.num_rows:,} rows of {sum(groups):,} bytes; expected at most "
                f"{most_rows:,} of {MOST_BYTES:,}"
            )
        wrong = [n for n, t in types.items() if n not in schema.names or schema.field(n).type != t]
        if wrong:
            raise DamagedFileError(
                f"{path} lacks, or has of another type, {', '.join(wrong)}; expected what Saccade "
                "wrote"
            )
        table = file.read(columns=list(types))
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        reason = " ".join(f"{error}".split())[:300]
        raise DamagedFileError(f"{path} is damaged: {reason}") from error
    if any(table[name].null_count for name in types if name.startswith(("obs", "seen", "epi"))):
        raise DamagedFileError(f"{path} lacks values")
    return table


def flat_numbers(column: Any, dtype: type[np.floating]) -> Float[np.ndarray, " m"]:
    """All numbers of a column of lists, or of lists of lists."""
    values = column.combine_chunks()
    while hasattr(values.type, "value_type"):
        values = values.flatten()
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype)
