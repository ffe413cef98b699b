"""Adapters: read, create, update and delete one kind of resource each; they translate and decide nothing."""
