"""Authorization: evaluates IAM policies for every call, and denies as AWS does."""
