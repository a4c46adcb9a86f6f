"""Rows that staging keeps are cleaned anew when, and only when, a cleaning rule changed."""

from pathlib import Path

import pytest

from hub.warehouse.edition import cleaning_edition


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project with one function, one list of codes and one model."""
    for name in ("functions/phone.sql", "seeds/code_list.csv", "models/core/dim_resident.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("functions/phone.sql", True),
        ("seeds/code_list.csv", True),
        ("models/core/dim_resident.sql", False),
    ],
)
def test_what_cleaning_depends_on_makes_a_new_edition(
    project: Path, file: str, changes: bool
) -> None:
    before = cleaning_edition(project)
    (project / file).write_text("otherwise")
    assert (cleaning_edition(project) != before) is changes


def test_the_same_rules_under_another_path_are_the_same_edition(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "project"
    project.rename(elsewhere)
    again = cleaning_edition(elsewhere)
    elsewhere.rename(project)
    assert cleaning_edition(project) == again
