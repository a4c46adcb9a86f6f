"""Files that changed, and only those, have kept rows cleaned anew or dashboards imported again."""

from pathlib import Path

import pytest

from hub.edition import CLEANING, DASHBOARDS, edition
from hub.settings import REPOSITORY


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
    before = edition(project, CLEANING)
    (project / file).write_text("otherwise")
    assert (edition(project, CLEANING) != before) is changes


def test_the_same_rules_under_another_path_are_the_same_edition(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "project"
    project.rename(elsewhere)
    again = edition(elsewhere, CLEANING)
    elsewhere.rename(project)
    assert edition(project, CLEANING) == again


def test_a_file_gained_or_renamed_makes_a_new_edition(project: Path) -> None:
    seen = {edition(project, CLEANING)}
    (project / "seeds/another.csv").write_text("as it was")
    seen.add(edition(project, CLEANING))
    (project / "seeds/another.csv").rename(project / "seeds/renamed.csv")
    seen.add(edition(project, CLEANING))
    assert len(seen) == 3


@pytest.mark.parametrize("folder", [*DASHBOARDS, *(f"dbt_project/{name}" for name in CLEANING)])
def test_every_folder_of_an_edition_is_there(folder: str) -> None:
    assert any((REPOSITORY / folder).rglob("*.*"))
