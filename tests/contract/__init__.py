"""The contract of a store, run over every store."""
