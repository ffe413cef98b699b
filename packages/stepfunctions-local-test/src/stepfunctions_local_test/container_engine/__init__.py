"""The engine `container` of the local AWS: its executions run in a container of Step Functions Local."""
