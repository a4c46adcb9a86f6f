"""Whose a broken line is: a file that begins with its key still tells, however the line goes on.

A snapshot closes the keys that it does not show; the key of a rejected line was shown.
"""

from collections.abc import Sequence

import pyarrow as pa

from connectors.protocols.base import FAULT_TEXT
from connectors.protocols.unescaped import leading


def named_faults(batch: pa.RecordBatch, keys: Sequence[str], delimiter: str) -> pa.RecordBatch:
    """Return a batch whose broken lines carry their keys, as far as they can be read.

    ``keys``: the columns that each line begins with, in their order; without any, or in a batch
    without broken lines, nothing changes.
    """
    if not keys or FAULT_TEXT not in batch.schema.names:
        return batch
    lines = batch.column(FAULT_TEXT).to_pylist()
    found = [None if line is None else leading(line, delimiter, len(keys)) for line in lines]
    for place, name in enumerate(keys):
        values = [fields and (fields[place] or None) for fields in found]
        at = batch.schema.get_field_index(name)
        batch = batch.set_column(at, name, pa.array(values, pa.string()))
    return batch
