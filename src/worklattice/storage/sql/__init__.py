"""Stores in SQL databases: one schema, one compiler of filters, numbered migrations, thin dialects.

`view` reads and `commit` writes through a `Session` (`session`), which a driver provides; `sqlite` is the
driver of the standard library, `sqlite_copy` its backup. `rows` turns rows into parameters and back,
`filters` and `ordering` turn queries into SQL, `selecting` runs them, `migrations` holds the schema.

Nothing that a user wrote ever becomes SQL text: values, names of attributes and workspaces are parameters.
"""
