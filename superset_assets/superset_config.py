"""Superset's configuration: everything that differs between two hubs comes from the environment.

Required: ``SUPERSET_SECRET_KEY_FILE`` (or ``SUPERSET_SECRET_KEY``), ``SUPERSET_HOME`` (a folder of
its own for caches), and the metadata database, either ``SUPERSET_DB_URI`` or
``SUPERSET_DB_HOST/PORT/NAME/USER`` with ``SUPERSET_DB_PASSWORD_FILE``.

Start ``gunicorn --worker-class gthread "superset.app:create_app()"`` with ``SUPERSET_CONFIG_PATH``
naming this file. One machine needs neither Redis nor Celery: caches are folders shared by the
workers, rate limits live in each worker's memory.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from superset_assets import home, telemetry, translations  # noqa: E402  only now can our folder be found


def _secret(name: str) -> str:
    """Return the secret in the file that ``<name>_FILE`` names, or else in ``<name>`` itself."""
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text("utf-8").strip() if file else os.environ[name]


def _metadata_database() -> str:
    """Return the address of Superset's own database (dashboards, users; never district data)."""
    if uri := os.environ.get("SUPERSET_DB_URI"):
        return uri
    env = os.environ
    user, password = env["SUPERSET_DB_USER"], quote(_secret("SUPERSET_DB_PASSWORD"), safe="")
    address = f"{env['SUPERSET_DB_HOST']}:{env['SUPERSET_DB_PORT']}/{env['SUPERSET_DB_NAME']}"
    return f"postgresql+psycopg2://{user}:{password}@{address}"


HOME = Path(os.environ["SUPERSET_HOME"])

# --- identity -------------------------------------------------------------------------------
APP_NAME = "一网统管数据枢纽"
APP_ICON = "/hub-static/logo.svg"
FAVICONS = [{"href": "/hub-static/favicon.svg", "type": "image/svg+xml"}]
LOGO_TARGET_PATH = "/superset/dashboard/community-overview/"
LOGO_TOOLTIP = "返回社区总览"
SECRET_KEY = _secret("SUPERSET_SECRET_KEY")
SQLALCHEMY_DATABASE_URI = _metadata_database()
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}

# --- language -------------------------------------------------------------------------------
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {
    "zh": {"flag": "cn", "name": "简体中文"},
    "en": {"flag": "us", "name": "English"},
}
# The shipped Chinese first, ours over it (translations.py says why).
BABEL_TRANSLATION_DIRECTORIES = f"translations;{HOME / 'translations'}"
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["¥", ""]}
D3_TIME_FORMAT = {
    "dateTime": "%Y年%-m月%-d日 %H:%M",
    "date": "%Y年%-m月%-d日",
    "time": "%H:%M",
    "periods": ["上午", "下午"],
    "days": ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    "shortDays": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    "months": [f"{month}月" for month in range(1, 13)],
    "shortMonths": [f"{month}月" for month in range(1, 13)],
}

# --- caches ---------------------------------------------------------------------------------


def _cache(name: str, lifetime: timedelta) -> dict[str, Any]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(HOME / "cache" / name),
        "CACHE_DEFAULT_TIMEOUT": int(lifetime.total_seconds()),
        "CACHE_THRESHOLD": 5000,
        "CACHE_KEY_PREFIX": f"{name}_",
    }


CACHE_CONFIG = _cache("metadata", timedelta(hours=1))
DATA_CACHE_CONFIG = _cache("data", timedelta(days=1))
FILTER_STATE_CACHE_CONFIG = _cache("filter_state", timedelta(days=30))
EXPLORE_FORM_DATA_CACHE_CONFIG = _cache("explore", timedelta(days=7))
CELERY_CONFIG = None

# --- protection -----------------------------------------------------------------------------
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Behind HTTPS set SUPERSET_BEHIND_HTTPS=1; on loopback a secure cookie would lock everyone out.
SESSION_COOKIE_SECURE = ENABLE_PROXY_FIX = os.environ.get("SUPERSET_BEHIND_HTTPS") == "1"
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
# One dashboard fetches some hundred scripts within a second, and a whole office is one address.
RATELIMIT_APPLICATION = "600 per second"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "20 per minute"
FAB_API_SWAGGER_UI = False
FAB_PASSWORD_COMPLEXITY_ENABLED = True
PREVENT_UNSAFE_DB_CONNECTIONS = True
PUBLIC_ROLE_LIKE = None
ENABLE_CORS = False

# Nothing is fetched from, or reported to, anywhere but this server.
MAPBOX_API_KEY = ""
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],  # deck.gl and maplibre start their workers from blobs
        "connect-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'", "data:"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],  # antd and emotion write styles at run time
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": SESSION_COOKIE_SECURE,
    "referrer_policy": "same-origin",
}

# --- what people can do -----------------------------------------------------------------------
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,  # a leader sees the dashboards of the role, without any dataset right
    "ENABLE_TEMPLATE_PROCESSING": True,  # row rules name {{ current_username() }}
    "RLS_IN_SQLLAB": True,
    "EMBEDDABLE_CHARTS": False,
    "DRILL_TO_DETAIL": True,
    "DRILL_BY": False,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
    "CSS_TEMPLATES": False,
}
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
DISPLAY_MAX_ROW = 10_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 60
DASHBOARD_AUTO_REFRESH_MODE = (
    "fetch"  # a wall asks often; publishing clears the cache, not the wall
)
DASHBOARD_AUTO_REFRESH_INTERVALS = [
    [0, "不刷新"],
    [60, "1 分钟"],
    [300, "5 分钟"],
    [1800, "30 分钟"],
]
CSV_EXPORT = {"encoding": "utf-8-sig"}  # Excel opens Chinese correctly only with the mark

# --- look -------------------------------------------------------------------------------------
THEME_DEFAULT = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": APP_ICON,
        "brandLogoHref": LOGO_TARGET_PATH,
        "brandLogoHeight": "28px",
        "brandLogoMargin": "14px 0",
        "brandIconMaxWidth": 240,
        "colorPrimary": "#1f5f8b",
        "colorLink": "#1f5f8b",
        "colorError": "#c0392b",
        "colorWarning": "#e0a100",
        "colorSuccess": "#2e8b57",
        "colorInfo": "#3a7ca5",
        "fontFamily": "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
        "fontUrls": [],
    },
    "algorithm": "default",
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "hub",
        "label": "数据枢纽",
        "description": "沉静的蓝绿色系",
        "isDefault": True,
        "colors": ["#1f5f8b", "#5fa8a0", "#e0a458", "#8a6fa8", "#7a9e5f", "#c8553d", "#6c7a89"],
    }
]


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802  Superset looks for this name
    """Serve our logo and what we correct in Superset's texts, scripts and first page."""
    home.install(app)
    app.register_blueprint(
        Blueprint(
            "hub", __name__, static_folder=str(HERE / "static"), static_url_path="/hub-static"
        )
    )
    app.register_blueprint(translations.blueprint(HOME / "translations"))
    app.register_blueprint(telemetry.blueprint(HOME / "scripts"))
