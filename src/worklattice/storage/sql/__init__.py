"""Stores in SQL databases: one schema, one compiler of filters, numbered migrations, thin dialects.

`view` reads and `commit` writes through a `Session` (`session`), which a driver provides; `store` is what the
stores have in common. `rows` turns rows into parameters and back, `filters` and `ordering` turn queries into
SQL, `selecting` runs them, `migrations` holds the schema.

- `sqlite`: the store in a file (`sqlite_file`), its connections (`sqlite_session`), its own words
  (`sqlite_dialect`) and errors (`sqlite_errors`), its backup (`sqlite_copy`);
- `postgres`: the store in a database, its connections (`postgres_pool`, `postgres_session`), its own words
  (`postgres_dialect`) and errors (`postgres_errors`), how its schema is made (`postgres_schema`).

Nothing that a user wrote ever becomes SQL text: values, names of attributes and workspaces are parameters.
"""
