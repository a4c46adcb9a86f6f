"""What is derived from contracts is complete, valid and current."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from typer.testing import CliRunner

from connectors.contracts import export, load_contracts
from hub.cli import contract as verbs
from hub.pipeline.contracts import DBT_SOURCES
from tests.support import contracts as given

CONTRACTS = load_contracts(Path(__file__).parents[3] / "connectors" / "contracts")
STANDARD = json.loads(
    resources.files("open_data_contract_standard").joinpath("schema.json").read_text()
)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.identifier)
def test_every_contract_is_a_valid_document_of_the_standard(contract) -> None:
    text = export.dump(export.odcs(contract))
    jsonschema.validate(yaml.safe_load(text), STANDARD)
    read = OpenDataContractStandard.from_string(text)
    assert read.id == contract.identifier
    assert [p.name for p in read.schema_[0].properties] == [c.name for c in contract.columns]
    assert {p.property for p in read.customProperties} >= {"legalBasis", "sharing", "extract"}


def test_documents_of_the_standard_carry_no_secret_and_no_resolved_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLICE_HOST", "10.0.0.1")
    police = next(c for c in CONTRACTS if c.identifier == "police.resident")
    text = export.dump(export.odcs(police))
    assert "${POLICE_HOST}" in text
    assert "10.0.0.1" not in text
    assert "PASSWORD" not in text


def test_dbts_sources_in_the_repository_are_current() -> None:
    assert DBT_SOURCES.read_text(encoding="utf-8") == export.dbt_sources(CONTRACTS), (
        "run: hub contract export --dbt-sources"
    )


def test_the_command_line_lints_and_exports(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    verbs.register(app)
    folder = given.write(tmp_path / "contracts")
    run = CliRunner()
    linted = run.invoke(app, ["contract", "lint", str(folder)])
    assert (linted.exit_code, linted.stdout) == (0, "1 contracts of 1 departments are in order\n")
    exported = run.invoke(app, ["contract", "export", str(folder), "--odcs", str(tmp_path / "out")])
    assert exported.exit_code == 0
    document = yaml.safe_load((tmp_path / "out" / "parks" / "tree.odcs.yaml").read_text())
    jsonschema.validate(document, STANDARD)
    (folder / "parks" / "tree.yaml").write_text("oops: 1\n")
    wrong = run.invoke(app, ["contract", "lint", str(folder)])
    assert wrong.exit_code == 2
    assert "parks/tree.yaml:1: oops: is not a field of a contract" in wrong.output
