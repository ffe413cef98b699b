"""The proof of least privilege: every permission of a deployed pipeline is used, and nothing works without it.

`survey` is the program; `python -m cars_acceptance.permissions --help` lists its knobs. The policies are read
from IAM, not from the deployer, which is called through its command line.
"""
