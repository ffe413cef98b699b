"""Processes that run what was deployed: how they start, where their code is unpacked, how they end."""
