"""The embedded engine on its own, with the wire, the port and the variables of Step Functions Local: for an image."""
