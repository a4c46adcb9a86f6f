"""Leads a user from Superset's welcome page to the dashboard that is their first page.

Superset knows such a dashboard per user (``UserAttribute.welcome_dashboard_id``), but in 6.1.0 its
pages show the welcome list all the same, because they look at the address only.
"""

from flask import Flask, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

WELCOME = "/superset/welcome/"


def install(app: Flask) -> None:
    """Redirect from the welcome page to the user's own first page, where there is one."""

    @app.before_request
    def first_page() -> Response | None:
        if request.path != WELCOME or current_user.is_anonymous:
            return None
        from superset import db
        from superset.models.user_attributes import UserAttribute

        own = db.session.query(UserAttribute).filter_by(user_id=current_user.id).first()
        return redirect(own.welcome_dashboard.url) if own and own.welcome_dashboard else None
