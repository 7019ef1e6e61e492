"""Interim."""
from worklattice.model.decide.create import create_task
def create_from_template(command, draft): raise NotImplementedError
def create_template(command, draft): raise NotImplementedError
def delete_template(command, draft): raise NotImplementedError
