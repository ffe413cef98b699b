"""A generated CARS source: an initial load and days of changes whose acreage adds up exactly to control totals.

The trip of the data: `published` reads control totals, `farms` and `planting` make the source tables from them,
`land`, `people` and `cropping` change them day by day, `state` holds the current rows and the journal of a day,
`load` is what one day delivers together with what must be found afterwards, `zones` writes it to S3. Everything
comes from a seed: no clock, no global random numbers, no hash order.
"""
