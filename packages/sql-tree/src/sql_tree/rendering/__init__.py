"""Renders the scripts and metadata of the tree from the model."""
