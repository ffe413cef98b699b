"""Lambda: how the tables of a layer ended, and whether the run goes on."""
