"""Makes Superset's roles, users and dashboard rights exactly what ``roles.yaml`` says."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from flask_appbuilder.security.sqla.models import PermissionView, Role, User
from superset import db, security_manager
from superset.connectors.sqla.models import Database
from superset.models.dashboard import Dashboard
from superset.models.user_attributes import UserAttribute
from werkzeug.security import check_password_hash

from superset_assets.bundle import HERE, Asset, Bundle

ROLES = HERE / "roles.yaml"


class AccessError(Exception):
    """A role, user or right could not be made as declared."""


def declared() -> Asset:
    """Return the declared roles, users and dashboard rights."""
    loaded: Asset = yaml.safe_load(ROLES.read_text("utf-8"))
    return loaded


def apply_roles(bundle: Bundle) -> dict[str, set[str]]:
    """Make every declared role; return role → the permissions it must have now."""
    wanted = {name: permissions(said, bundle) for name, said in declared()["roles"].items()}
    for name, names in wanted.items():
        role: Role = security_manager.add_role(name) or security_manager.find_role(name)
        role.permissions = [_permission(text) for text in sorted(names)]
    public: Role = security_manager.find_role("Public")
    public.permissions = []
    return {**wanted, "Public": set()}


def permissions(said: Asset, bundle: Bundle) -> set[str]:
    """Return the permissions of one declared role, as ``<permission> on <view>``."""
    names = set(said.get("permissions", []))
    for other in said.get("like", []):
        names |= _held(_role(other))
    for database in said.get("databases", []):
        uuid = bundle.databases[database]["uuid"]
        found = db.session.query(Database).filter_by(uuid=uuid).one()
        security_manager.add_permission_view_menu("database_access", found.perm)
        names.add(f"database_access on {found.perm}")
    return names


def _held(role: Role) -> set[str]:
    return {f"{held.permission.name} on {held.view_menu.name}" for held in role.permissions}


def _permission(text: str) -> PermissionView:
    permission, _, view = text.partition(" on ")
    found = security_manager.find_permission_view_menu(permission, view)
    if found is None:
        raise AccessError(f"roles.yaml: this Superset has no permission {text!r}")
    return found


def apply_dashboards(bundle: Bundle) -> None:
    """Give every dashboard of the bundle to the declared roles and no other."""
    shown = declared()["dashboards"]
    for name, asset in bundle.dashboards.items():
        dashboard = db.session.query(Dashboard).filter_by(uuid=asset["uuid"]).one()
        dashboard.roles = [_role(role) for role in shown.get(name, [])]


def apply_user(name: str) -> User | None:
    """Make the declared user with its roles and password; None when its secret is not there."""
    said = declared()["users"][name]
    password = secret(said["password"])
    if password is None:
        return None
    roles = [_role(role) for role in said["roles"]]
    user = security_manager.find_user(name)
    if user is None:
        mail = f"{name}@hub.invalid"
        user = security_manager.add_user(name, said["first_name"], "", mail, roles, password)
    if not user:
        raise AccessError(f"user {name!r} could not be made")
    user.roles = roles
    if not check_password_hash(user.password, password):
        security_manager.reset_password(user.id, password)
    return user


def apply_home(name: str, user: User, bundle: Bundle) -> None:
    """Let a user's first page be the declared dashboard, if one is declared."""
    home = declared()["users"][name].get("home")
    if home is None:
        return
    uuid = bundle.dashboards[home]["uuid"]
    dashboard = db.session.query(Dashboard).filter_by(uuid=uuid).one()
    own = db.session.query(UserAttribute).filter_by(user_id=user.id).first()
    if own is None:
        own = UserAttribute(user_id=user.id)
        db.session.add(own)
    own.welcome_dashboard_id = dashboard.id


def secret(name: str) -> str | None:
    """Return the secret ``name`` from the file in ``<NAME>_FILE``, or None when there is none."""
    file = Path(os.environ.get(f"{name.upper()}_FILE", ""))
    return file.read_text("utf-8").strip() if file.is_file() else None


def _role(name: str) -> Role:
    role = security_manager.find_role(name)
    if role is None:
        raise AccessError(f"roles.yaml names the role {name!r}, which is declared nowhere")
    return role


def read_back(wanted: dict[str, set[str]], bundle: Bundle, users: Iterable[str]) -> list[str]:
    """Return what differs between what was declared and what the database now holds."""
    wrong = []
    for name, names in wanted.items():
        held = _held(_role(name))
        wrong += [f"role {name}: unexpected {text}" for text in sorted(held - names)]
        wrong += [f"role {name}: missing {text}" for text in sorted(names - held)]
    shown: dict[str, Any] = declared()["dashboards"]
    for name, asset in bundle.dashboards.items():
        dashboard = db.session.query(Dashboard).filter_by(uuid=asset["uuid"]).one()
        if {role.name for role in dashboard.roles} != set(shown.get(name, [])):
            wrong.append(f"dashboard {name}: its roles are not the declared ones")
    for name in users:
        held = {role.name for role in security_manager.find_user(name).roles}
        if held != set(declared()["users"][name]["roles"]):
            wrong.append(f"user {name}: its roles are not the declared ones")
    return wrong
