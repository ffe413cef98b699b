"""The Glue job's program: one run loads one table of one layer and exits non-zero when it failed."""

import os

# numpy only adds and shifts here; its linear algebra must not start threads in a parent that forks
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
