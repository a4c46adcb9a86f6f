"""What a person wants to know when everything is up."""

from hub.settings import LOOPBACK, Settings
from hub.stack import airflow, superset
from hub.stack.secrets import secret_file


def summary(settings: Settings) -> str:
    """Return addresses, user names, where the passwords are, and what to do next."""
    return f"""
The hub is up.

  Superset   {superset.address(settings)}   users: {", ".join(superset.USERS)}
  Airflow    {airflow.address(settings)}   user: {airflow.USER}
  Data Docs  http://{LOOPBACK}:{settings.port_data_docs}
  Passwords  {secret_file(settings, "passwords.txt")}

Next: open Superset as leader and see 社区总览;
      {settings.home / "bin" / "hub"} status   who reported what, what is stale
      make down                stop everything"""
