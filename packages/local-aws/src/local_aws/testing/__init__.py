"""For tests of programs that call AWS: what a client called, and calls that fail as AWS lets them fail."""
