"""Tables of the final zone read from their metadata: columns, states, data files. Writes nothing."""
