"""A generated CARS source: an initial load and days of changes whose acreage adds up exactly to control totals.

The data flow: `published` reads control totals; `farms` and `planting` create the source tables from them; `land`,
`people` and `cropping` change them day by day; `state` holds the current rows and the journal of a day; `load` is one
day's delivery and the expected result; `zones` writes it to S3. A seed determines everything: no clock, no global
random numbers, no hash order.
"""
