"""Calls one function: the deployed one, or its built zip in a process on this machine."""
