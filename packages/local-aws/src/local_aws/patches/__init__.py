"""Changes to moto, a room for each service. They fit one version of moto; any other version is refused.

Every room has one `install()`. The rooms do not depend on each other's order; inside a room the order is written down
where it matters.
"""
