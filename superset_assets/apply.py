"""Brings a Superset to what this folder says: dashboards, roles, users. Run in its environment.

``python -m superset_assets.apply``, after ``superset db upgrade``, with the variables that
``superset_config.py`` names and those of the warehouse: ``WAREHOUSE_HOST``, ``WAREHOUSE_PORT``,
``WAREHOUSE_DASHBOARDS_PASSWORD_FILE``, and ``SUPERSET_{ADMIN,LEADER,ANALYST}_PASSWORD_FILE``.
It does what ``superset init`` does, too.

Superset's own import merges, and reports success whatever happened; this one overwrites, deletes
what the bundle no longer has, reads everything back and fails when anything differs.
"""

import logging
import os
import sys

from superset_assets.bundle import Bundle, BundleError
from superset_assets.check import problems


class ApplyError(Exception):
    """Superset could not be brought to what the files say."""


def main() -> int:
    """Apply everything; return 0, or 1 after naming on stderr what is not as it should be."""
    logging.disable(logging.WARNING)  # Superset tells of every permission it looks at
    from superset.app import create_app

    with create_app().app_context():
        from superset_assets.access import AccessError

        try:
            done = _apply(Bundle())
        except (BundleError, AccessError, ApplyError) as error:
            sys.stderr.write(f"superset assets: {error}\n")
            return 1
    sys.stdout.write(f"superset assets: {done}\n")
    return 0


def _apply(bundle: Bundle) -> str:
    from flask import g
    from superset import appbuilder, db, security_manager

    from superset_assets import access, assets

    if mistakes := problems(bundle):
        raise ApplyError("\n  ".join(["the files are not sound:", *mistakes]))
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    administrator = access.apply_user("admin")
    if administrator is None:
        raise ApplyError("SUPERSET_ADMIN_PASSWORD_FILE names no file, so nobody can import")
    g.user = administrator

    password = access.secret("warehouse_dashboards_password")
    if password is None:
        raise ApplyError("WAREHOUSE_DASHBOARDS_PASSWORD_FILE names no file")
    host, port = os.environ["WAREHOUSE_HOST"], os.environ["WAREHOUSE_PORT"]
    _import(bundle, host, port, password)
    gone = assets.delete_orphans(bundle)
    wanted = access.apply_roles(bundle)
    access.apply_dashboards(bundle)
    users = {name: access.apply_user(name) for name in access.declared()["users"]}
    users = {name: user for name, user in users.items() if user}
    for name, user in users.items():
        access.apply_home(name, user, bundle)
    db.session.commit()
    db.session.expire_all()

    wrong = assets.read_back(bundle) + access.read_back(wanted, bundle, users)
    if wrong:
        raise ApplyError("not as declared after the import:\n  " + "\n  ".join(wrong))
    counts = f"{len(bundle.dashboards)} dashboards, {len(bundle.charts)} charts"
    return f"{counts}, roles {', '.join(wanted)}, users {', '.join(users)}, deleted {len(gone)}"


def _import(bundle: Bundle, host: str, port: str, password: str) -> None:
    from marshmallow import ValidationError
    from superset.commands.exceptions import CommandException, CommandInvalidError

    from superset_assets import assets

    try:
        assets.import_bundle(bundle, host, port, password)
    except CommandInvalidError as error:
        raise ApplyError(f"Superset refuses the bundle: {error.normalized_messages()}") from error
    except (CommandException, ValidationError) as error:
        raise ApplyError(
            f"Superset could not import the bundle: {error.__cause__ or error}"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
