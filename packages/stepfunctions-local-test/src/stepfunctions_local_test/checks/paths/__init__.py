"""Data flow analysis of state data: which paths are certainly present. Start reading at `data_flow`."""
