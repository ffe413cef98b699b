"""The Glue job's program: one run loads one table of one layer and exits non-zero when it failed."""
