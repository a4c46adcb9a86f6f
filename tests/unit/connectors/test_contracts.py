"""A contract is wrong or right before anything runs, and wrong ones say where and why."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.contracts import ContractError, load_contracts
from connectors.contracts.references import ReferenceUnresolvedError, resolve
from tests.support import contracts as given
from tests.support.repository import DEPARTMENTS

REPOSITORY = Path(__file__).parents[3]
HUB_CONTRACTS = REPOSITORY / "connectors" / "contracts"


def problems(folder: Path) -> list[str]:
    with pytest.raises(ContractError) as caught:
        load_contracts(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_hubs_own_contracts_are_in_order() -> None:
    loaded = load_contracts(HUB_CONTRACTS)
    assert sorted({c.department for c in loaded}) == DEPARTMENTS
    assert all(c.key and c.fresh_within for c in loaded)


def test_a_table_inherits_from_its_department_and_may_refine_it(tmp_path: Path) -> None:
    tree = given.table(server={"directory": "${OTHER_FOLDER}"})
    contract = given.tree_contract(tmp_path, tree)
    assert contract.title == "公园"
    assert contract.server.model_dump() == {"type": "folder", "directory": "${OTHER_FOLDER}"}
    assert (contract.identifier, contract.raw_table) == ("parks.tree", "parks__tree")
    assert contract.key == ("code",)


def test_every_problem_of_every_file_is_told_with_its_line(tmp_path: Path) -> None:
    given.write(tmp_path, schedule="daily")
    path = tmp_path / "parks" / "tree.yaml"
    text = path.read_text().replace("physicalName: 树种", "phisicalName: 树种")
    path.write_text(text.replace("max_rejected_share: 0.5", "max_rejected_share: 50"))
    found = problems(tmp_path)
    schedule = line_of(tmp_path / "parks" / "department.yaml", "schedule")
    assert any(p.startswith(f"parks/department.yaml:{schedule}: schedule: 'daily'") for p in found)
    assert (
        f"parks/tree.yaml:{line_of(path, 'phisicalName')}: schema.0.properties.1.phisicalName:"
        " is not a field of a contract (misspelt?)" in found
    )
    assert any("schema.0.properties.1.physicalName: is missing" in p for p in found)
    assert any(
        p.startswith(f"parks/tree.yaml:{line_of(path, 'max_rejected')}: gate.max_rejected_share")
        for p in found
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"columns": [given.column("a")]}, "no column is the primaryKey"),
        ({"columns": [given.key("a"), given.column("a", "b")]}, "two columns are named a"),
        ({"columns": [given.key("a"), given.column("b", "a")]}, "have the physicalName a"),
        ({"columns": [given.key("编号")]}, "does not look like"),
        ({"columns": [given.key("Code")]}, "does not look like"),
        ({"columns": [{**given.key("a"), "required": False}]}, "must be required: true"),
        ({"columns": [given.key("a"), given.column("b", logicalType="text")]}, "must be one of"),
        ({"slaProperties": []}, "declare latency"),
        ({"extract": {**given.FILES, "format": {"kind": "csv", "encoding": "gbq"}}}, "unknown enc"),
        ({"extract": {**given.FILES, "format": {"kind": "dbf"}}}, "'dbf' is unknown"),
        ({"extract": {**given.FILES, "paging": {}}}, "extract.paging: is not a field"),
        ({"extract": {**given.FILES, "object": "../*.csv"}}, "without /"),
        ({"server": {"type": "ftp"}}, "'ftp' is unknown"),
        ({"server": {"directory": "${lower}"}}, "write references as"),
        ({"gate": None}, "gate: must be a mapping"),
        ({"kind": True}, "kind: must be one of"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, change: dict, reason: str) -> None:
    given.write(tmp_path, given.table(**change))
    assert any(reason in problem for problem in problems(tmp_path))


SQL = {
    "type": "postgresql", "host": "h", "port": 5432, "database": "d", "user": "u",
    "password": "${file:PW}",
}  # fmt: skip


def test_the_extract_must_suit_the_servers_protocol(tmp_path: Path) -> None:
    given.write(tmp_path, server=SQL)
    found = problems(tmp_path)
    assert any(
        "extract.mode: must be one of 'snapshot' or 'cursor', not 'files'" in p for p in found
    )
    assert any("extract.format: is not a field" in p for p in found)


@pytest.mark.parametrize(
    ("cursor", "more", "reason"),
    [
        ("changed", {}, "cursor changed is not a column"),
        ("planted", {"required": True}, "must be a required timestamp, date or integer"),
        ("planted", {"logicalType": "timestamp"}, "must be a required timestamp"),
    ],
)
def test_a_cursor_is_a_required_column_that_can_be_ordered(
    tmp_path: Path, cursor: str, more: dict, reason: str
) -> None:
    columns = [given.key("code"), given.column("planted", **more)]
    extract = {"object": "t", "mode": "cursor", "cursor": cursor}
    given.write(tmp_path, given.table(columns, extract=extract), server=SQL)
    assert any(reason in problem for problem in problems(tmp_path))


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    given.write(tmp_path)
    path = tmp_path / "parks" / "tree.yaml"
    path.write_text(path.read_text() + "status: draft\n")
    last = len(path.read_text().splitlines())
    assert problems(tmp_path) == [f"parks/tree.yaml:{last}: status is written twice"]


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    given.write(tmp_path)
    (tmp_path / "parks" / "tree.yaml").write_text("version: 1.0.0\nstatus: [active\n")
    assert problems(tmp_path)[0].startswith("parks/tree.yaml:3: not YAML")
    (tmp_path / "parks" / "tree.yaml").write_bytes("name: 树".encode("gb18030"))
    assert problems(tmp_path)[0].startswith("parks/tree.yaml:1: is not UTF-8")
    (tmp_path / "parks" / "tree.yaml").write_text("")
    assert problems(tmp_path) == ["parks/tree.yaml:1: must be a mapping of fields"]


def test_file_and_folder_carry_the_names_they_declare(tmp_path: Path) -> None:
    given.write(tmp_path)
    (tmp_path / "parks" / "tree.yaml").rename(tmp_path / "parks" / "bench.yaml")
    (tmp_path / "parks").rename(tmp_path / "gardens")
    found = problems(tmp_path)
    assert any("department: must be gardens" in problem for problem in found)
    assert any("schema.0.name: must be bench" in problem for problem in found)


def test_a_folder_without_department_yaml_is_told(tmp_path: Path) -> None:
    given.write(tmp_path)
    (tmp_path / "parks" / "department.yaml").unlink()
    assert problems(tmp_path) == ["parks/department.yaml:1: No such file or directory"]


def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    given.write(tmp_path, server={**SQL, "password": "hunter2"})
    found = problems(tmp_path)
    assert any("server.password: a secret must be a reference" in problem for problem in found)
    assert not any("hunter2" in problem for problem in found)


def test_references_are_resolved_when_asked_and_name_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    monkeypatch.setenv("PW_FILE", str(tmp_path / "pw"))
    monkeypatch.setenv("HOST", "db")
    assert resolve("${file:PW_FILE}@${HOST}:1") == "s3cret@db:1"
    with pytest.raises(ReferenceUnresolvedError, match="GONE is not set"):
        resolve("${GONE}")
    monkeypatch.setenv("PW_FILE", str(tmp_path / "gone"))
    with pytest.raises(ReferenceUnresolvedError, match="PW_FILE: No such file"):
        resolve("${file:PW_FILE}")


def test_contracts_need_nothing_that_airflows_environment_lacks() -> None:
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'polars', 'httpx', 'asyncssh', 'psycopg', 'typer'):\n"
        "    sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from connectors.contracts import load_contracts\n"
        f"print(len(load_contracts(Path({str(HUB_CONTRACTS)!r}))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(load_contracts(HUB_CONTRACTS))


BROKER = {
    "type": "mqtt", "host": "${BROKER}", "user": "hub", "password": "${file:PW}",
    "client_id": "hub-parks", "topics": ["iot/+/alarm"], "spool": "${SPOOL}",
}  # fmt: skip
STREAM = {"object": "iot/+/alarm", "mode": "stream"}


def test_a_table_may_have_a_server_of_its_own(tmp_path: Path) -> None:
    contract = given.tree_contract(tmp_path, given.table(server=BROKER, extract=STREAM))
    assert (contract.server.type, contract.server.port) == ("mqtt", 8883)
    assert contract.server.tls == "verify"


def test_tables_share_a_second_server_by_its_name(tmp_path: Path) -> None:
    tree = given.table(server="stream", extract=STREAM)
    contract = given.tree_contract(tmp_path, tree, servers={"stream": BROKER})
    assert contract.server.client_id == "hub-parks"
    given.write(tmp_path, given.table(server="river", extract=STREAM), servers={"stream": BROKER})
    line = line_of(tmp_path / "parks" / "tree.yaml", "river")
    assert problems(tmp_path) == [
        f"parks/tree.yaml:{line}: server: department.yaml has no river among its servers"
    ]


@pytest.mark.parametrize(
    ("server", "extract", "reason"),
    [
        ({}, {"object": "iot/+/telemetry"}, "is not among the topics of the server"),
        ({}, {"object": "iot/a+/alarm"}, "+ is a whole level"),
        ({}, {"object": "iot/#/alarm"}, "# the whole last one"),
        ({"tls": "maybe"}, {}, "tls is verify"),
        ({"password": "hunter2"}, {}, "a secret must be a reference"),
    ],
)
def test_a_stream_names_its_topics_and_hides_its_password(
    tmp_path: Path, server: dict, extract: dict, reason: str
) -> None:
    given.write(tmp_path, given.table(server=BROKER | server, extract=STREAM | extract))
    assert any(reason in problem for problem in problems(tmp_path))
