"""The proof of least privilege, a mutation test of IAM policies.

Scenarios use every permission, and the removal of any one makes a scenario fail.

`program` holds the steps; `python -m cars_acceptance.permissions --help` lists the options. The policies are read from
IAM. The deployer is called through its command line.
"""
