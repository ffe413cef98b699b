"""Wanted resources of one environment: config, names and builds in, frozen resources out."""

from deployer.blueprint.wanted import Blueprint, blueprint

__all__ = ["Blueprint", "blueprint"]
