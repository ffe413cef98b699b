"""The program of the Glue job: one run loads one table of one layer and exits non-zero when the load failed."""
