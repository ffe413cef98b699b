"""What a resource is: its fields, its name and ARN, its digest; pure data."""
