"""How many identifiers one core validates in a second, by the functions that the models use.

Needs a built warehouse (``make up``, or HUB_HOME and HUB_PORT_POSTGRES of a running one). Counted
is the processor time of the server process that works: a busy machine does not falsify it much.
"""

import json
import os
from pathlib import Path

import psycopg

from hub.warehouse.connection import dsn

NUMBERS = 800_000
RESULT = Path(__file__).with_name("results") / "identifiers.json"
# A twentieth is missing, a seventh has 15 digits, a few are written in full width; the others are
# right, being what becomes of 15 digits, but for one in fifty.
DRAW = """
create temp table drawn as
select
    case
        when i %% 20 = 0 then null
        when i %% 7 = 0 then short
        when i %% 50 = 1 then translate(upgraded.value, '0123456789', '０１２３４５６７８９')
        when i %% 50 = 2 then left(upgraded.value, 17) || i %% 10
        else upgraded.value
    end as id_number,
    '91440304PDY' || lpad((i %% 100000)::text, 5, '0') || 'XW' as credit_code,
    '4403040050010200003' || lpad((i %% 10000)::text, 6, '0') as house_code,
    '154' || lpad(i::text, 8, '0') as phone
from generate_series(1, %s) as i
cross join lateral (
    select
        '440304' || to_char(date '1950-01-01' + i %% 18000, 'YYMMDD')
        || lpad((1 + i %% 998)::text, 3, '0') as short
) as given
cross join lateral staging.identity_document(short, date '2026-11-21') as upgraded
"""
CALLS = {
    "identity_document": "identity_document(id_number, date '2026-11-21')",
    "credit_code": "credit_code(credit_code)",
    "house_code": "house_code(house_code)",
    "phone": "phone(phone)",
}


def main() -> None:
    """Measure every function and keep the figures."""
    found = {}
    with psycopg.connect(dsn("hub"), autocommit=True) as connection:
        # one core, and no number judged only once because it came before
        connection.execute("set max_parallel_workers_per_gather = 0; set enable_memoize = off")
        connection.execute(DRAW, [NUMBERS])
        for name, call in CALLS.items():
            before = processor_seconds(connection.info.backend_pid)
            connection.execute(
                f"select count(*) from drawn cross join lateral staging.{call} as judged"  # type: ignore[arg-type]  # noqa: S608
                " where judged.status = 'ok'"
            )
            spent = processor_seconds(connection.info.backend_pid) - before
            found[name] = {"per_core_and_second": round(NUMBERS / spent)}
            print(f"{name}: {NUMBERS / spent:,.0f} a second on one core")
    RESULT.write_text(json.dumps(found, indent=2) + "\n")


def processor_seconds(pid: int) -> float:
    """Return what a process has used of a processor, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
