"""The commands under `configs`: check, publish, compare, list, restore, prune and render config releases."""
