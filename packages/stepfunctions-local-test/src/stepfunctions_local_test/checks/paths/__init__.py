"""Abstract state data, followed through a graph: which paths are surely there. Start reading at `walk`."""
