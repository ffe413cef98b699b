"""The embedded engine as a program for an image, with the API, port and variables of Step Functions Local."""
