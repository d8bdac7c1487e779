"""As whom SQL of users runs on PostgreSQL: the role of those who only read, or a login that reads the views alone."""

import psycopg

from omc.errors import UsageError

READER_ROLE = "omc_reader"
"""Where this role exists, `omc store upgrade` grants it SELECT on the views."""

_POWERS = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR EXISTS (
    SELECT 1 FROM pg_roles power WHERE power.rolname IN ('pg_read_server_files', 'pg_write_server_files',
    'pg_execute_server_program', 'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend', 'pg_checkpoint')
    AND pg_has_role(session_user, power.oid, 'MEMBER')), quote_ident(session_user)
FROM pg_roles WHERE rolname = session_user
"""
_IS_MEMBER = "SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(session_user, oid, 'MEMBER')"
_SAME_SCHEMAS = (  # "$user" among them would be another one for another role
    "SELECT set_config('search_path', coalesce(string_agg(quote_ident(name), ', '), ''), true) "
    "FROM unnest(current_schemas(false)) AS name"
)
_READS_TABLES = "SELECT coalesce(has_table_privilege(to_regclass('guest_document'), 'SELECT'), false)"


def become_reader(connection: psycopg.Connection, where: str) -> None:
    """Take the reading role for the transaction, where the login may; UsageError where it can do more than read views.

    A login of an administrator is refused even so: what it can take, a mistake of this guard could give.
    """
    powerful, login = connection.execute(_POWERS).fetchone() or (True, "")
    if powerful:
        raise _refusal("SQL of users is not run with a login that has power over the server", where, "LOGIN")
    if connection.execute(_IS_MEMBER, (READER_ROLE,)).fetchone():
        connection.execute(_SAME_SCHEMAS)
        connection.execute(f"SET LOCAL ROLE {READER_ROLE}")
    if connection.execute(_READS_TABLES).fetchone() != (False,):
        raise _refusal("SQL of users is not run with a login that can read more than the views", where, login)


def _refusal(message: str, where: str, login: str) -> UsageError:
    return UsageError(
        message,
        where=where,
        hint=f"as an administrator of the server: CREATE ROLE {READER_ROLE}; GRANT {READER_ROLE} TO {login}; then run "
        "`omc store upgrade`. A login of its own goes into `store_reader` in inventory/site.yaml",
    )
