"""Several processes and threads on one store."""
