"""``hub import-dashboards``: Superset ends up as the files say, whatever it was before."""

import json
import uuid

import pytest

from hub.errors import HubError
from hub.pipeline.dashboards import are_imported, import_dashboards
from hub.stack.secrets import secret_file
from superset_assets.bundle import Bundle
from tests.browser.conftest import Dashboards

pytestmark = pytest.mark.integration


def test_undoes_what_people_changed_and_keeps_what_they_made(dashboards: Dashboards) -> None:
    ours = Bundle().charts["residents"]["uuid"]
    gone, made = uuid.uuid4(), uuid.uuid4()
    with dashboards.warehouse.cluster.connect("superset") as database:
        database.execute(
            "UPDATE slices SET slice_name = 'changed', params = '{}' WHERE uuid = %s", [ours]
        )
        for name, managed in ((gone, True), (made, False)):
            database.execute(
                "INSERT INTO slices (uuid, slice_name, viz_type, params, datasource_id,"
                " datasource_type, is_managed_externally)"
                " SELECT %s, 'another', 'table', '{}', min(id), 'table', %s FROM tables",
                [name, managed],
            )
        database.execute(
            "INSERT INTO ab_permission_view_role (id, permission_view_id, role_id)"
            " SELECT nextval('ab_permission_view_role_id_seq'), right_.id, role.id"
            " FROM ab_role AS role, ab_permission_view AS right_"
            " JOIN ab_permission AS permission ON permission.id = right_.permission_id"
            " WHERE role.name IN ('Public', 'district_leader')"
            " AND permission.name = 'all_datasource_access'"
        )

        done = import_dashboards(dashboards.settings)

        assert "deleted 1" in done
        assert are_imported(dashboards.settings)
        title, params = database.execute(
            "SELECT slice_name, params FROM slices WHERE uuid = %s", [ours]
        ).fetchone() or ("", "{}")
        assert title == Bundle().charts["residents"]["slice_name"]
        assert json.loads(params)["metric"] == "residents"
        left = database.execute(
            "SELECT uuid FROM slices WHERE uuid IN (%s, %s)", [gone, made]
        ).fetchall()
        assert left == [(made,)]
        assert database.execute(
            "SELECT count(*) FROM ab_permission_view_role AS given"
            " JOIN ab_role AS role ON role.id = given.role_id"
            " JOIN ab_permission_view AS right_ ON right_.id = given.permission_view_id"
            " JOIN ab_permission AS permission ON permission.id = right_.permission_id"
            " WHERE role.name IN ('Public', 'district_leader')"
            " AND permission.name = 'all_datasource_access'"
        ).fetchone() == (0,)
        database.execute("DELETE FROM slices WHERE uuid = %s", [made])


def test_says_in_one_line_what_is_missing(dashboards: Dashboards) -> None:
    password = secret_file(dashboards.settings, "superset_admin_password")
    hidden = password.with_suffix(".hidden")
    password.rename(hidden)
    try:
        with pytest.raises(HubError, match="SUPERSET_ADMIN_PASSWORD_FILE names no file"):
            import_dashboards(dashboards.settings)
        assert not are_imported(dashboards.settings), "the next start tries again"
    finally:
        hidden.rename(password)
