"""Lambda edv-build-processing-plan: reads the metadata of a config release and plans the tables of a run in order."""
