"""Lambda edv-build-processing-plan: reads a config release's metadata, answers with the tables of a run in order."""
