"""The methods of the Python API, by what they are about; `orchestrator.commands` puts them together."""
