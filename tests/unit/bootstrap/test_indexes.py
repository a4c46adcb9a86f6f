from pathlib import Path

from hub.bootstrap.indexes import translate


def test_the_environment_wins_over_install_and_that_over_global() -> None:
    listed = "\n".join(
        [
            ":env:.index-url='https://a.example/simple'",
            "global.index-url='https://b.example/simple'",
            "global.timeout='60'",
            "install.timeout='90'",
        ]
    )
    assert translate(listed) == {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_HTTP_TIMEOUT": "90",
    }


def test_several_sources_keep_their_order_and_missing_folders_are_left_out(tmp_path: Path) -> None:
    listed = "\n".join(
        [
            f"global.find-links='{tmp_path}\\n/nowhere/wheels https://c.example/wheels'",
            f"global.extra-index-url='file://{tmp_path} file:///nowhere/simple'",
        ]
    )
    assert translate(listed) == {
        "UV_FIND_LINKS": f"{tmp_path},https://c.example/wheels",
        "UV_INDEX": f"file://{tmp_path}",
    }


def test_a_switched_off_no_index_stays_off() -> None:
    assert translate("global.no-index='false'") == {}
    assert translate("global.no-index='true'") == {"UV_NO_INDEX": "true"}


def test_what_uv_does_not_need_is_passed_over() -> None:
    assert translate(":env:.disable-pip-version-check='1'\nnonsense\n") == {}
