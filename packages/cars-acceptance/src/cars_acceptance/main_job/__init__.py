"""The main job: deploy to a local AWS, run the EDV pipeline day by day, prove the vault against known totals.

`pipeline` holds the steps in their order; `python -m cars_acceptance.main_job --help` lists the options. Nothing here
imports the deployer: the job calls its command line, as an engineer does.
"""
