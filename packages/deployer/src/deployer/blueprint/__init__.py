"""Wanted resources of one environment, from its file, its names and its builds."""

from deployer.blueprint.wanted import Blueprint, blueprint

__all__ = ["Blueprint", "blueprint"]
