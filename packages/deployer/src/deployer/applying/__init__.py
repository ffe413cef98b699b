"""Carries out a plan: the only room that changes resources."""
