"""One environment from plan to applied release: prepare, deploy, roll back, destroy, find drift."""
