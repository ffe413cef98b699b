"""The main job: deploy to a local AWS, run the EDV pipeline day by day, prove the vault against known totals.

`trip` is the program; `python -m cars_acceptance.main_job --help` lists its knobs. Nothing here imports the
deployer: it is called through its command line, as an engineer would.
"""
