"""Interim."""
def get_template(command, draft): raise NotImplementedError
def list_templates(command, draft): raise NotImplementedError
