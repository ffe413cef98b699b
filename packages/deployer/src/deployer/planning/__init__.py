"""The difference of wanted and existing resources: changes, their fields, order and privileges; pure."""
