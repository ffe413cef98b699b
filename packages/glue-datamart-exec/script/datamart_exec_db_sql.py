"""The Glue job's script: one run loads one table of one layer."""

import sys

from datamart_exec.main import main

if __name__ == "__main__":
    main(sys.argv[1:])
