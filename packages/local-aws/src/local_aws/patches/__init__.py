"""What is changed in moto, a room for each service; made for one version of moto, and refused for any other.

Every room has one `install()`. The rooms do not depend on each other's order; inside a room the order is written down
where it matters.
"""
