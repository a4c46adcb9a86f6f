import psycopg
import pytest

from hub.settings import Settings
from hub.stack import sources, streams
from tests.support.departments import Departments

pytestmark = pytest.mark.integration


def test_every_department_answers_for_real(departments: Departments, hub_home: Settings) -> None:
    every = [*sources.services(hub_home), *streams.services(hub_home)]
    answers = {each.name: each.is_ready() for each in every}
    assert answers == dict.fromkeys(departments, True)


def test_a_stopped_department_does_not_answer_until_it_is_started_again(
    departments: Departments, hub_home: Settings
) -> None:
    (party,) = (each for each in sources.services(hub_home) if each.name == "party_building")
    departments["party_building"].stop()
    assert not party.is_ready()
    departments["party_building"].start()
    assert party.is_ready()


def test_the_reader_of_the_police_reads_and_cannot_write(
    departments: Departments, hub_home: Settings
) -> None:
    password = (hub_home.secrets / "police_password").read_text()
    address = f"postgresql://police_reader@127.0.0.1:{hub_home.port_police}/police"
    with psycopg.connect(address, password=password, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        assert tables
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE public.mine (one integer)")
