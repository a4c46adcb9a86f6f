"""Lines of a writer that quotes its fields but does not escape the quotes inside them.

``1,"某"商行",x`` is read as ``某"商行``, but only where one reading is possible: everything else
stays a broken line, since a value must never change silently.
"""

QUOTE = '"'


def split(line: str, delimiter: str) -> list[str] | None:
    """Return the fields of one line; ``None`` when there is no reading, or more than one.

    A field that begins with a quote ends with the first quote that stands before a delimiter or
    the line's end; what lies between is the value as it stands. A quote inside that follows a
    delimiter might open the next field, and a doubled quote might be an escaped one: both make
    the line ambiguous.
    """
    line = line.rstrip("\r\n")
    fields: list[str] = []
    start = 0
    while True:
        field = _field(line, start, delimiter)
        if field is None:
            return None
        value, end = field
        fields.append(value)
        if end == len(line):
            return fields
        start = end + 1


def leading(line: str, delimiter: str, count: int) -> list[str] | None:
    """Return the first ``count`` fields of a line whose rest need not make sense.

    ``None`` where they cannot be told, or the line ends with them.
    """
    fields: list[str] = []
    start = 0
    while len(fields) < count:
        field = _field(line, start, delimiter)
        if field is None or field[1] >= len(line):
            return None
        fields.append(field[0])
        start = field[1] + 1
    return fields


def _field(line: str, start: int, delimiter: str) -> tuple[str, int] | None:
    """Return the value that begins at ``start``, and where the delimiter behind it stands."""
    if not line.startswith(QUOTE, start):
        end = line.find(delimiter, start)
        end = len(line) if end < 0 else end
        return line[start:end], end
    close = line.find(QUOTE, start + 1)
    while close >= 0:
        end = close + 1
        if end == len(line) or line[end] == delimiter:
            value = line[start + 1 : close]
            ambiguous = QUOTE * 2 in value or delimiter + QUOTE in value
            return None if ambiguous else (value, end)
        close = line.find(QUOTE, end)
    return None
