"""Deployed releases: what each holds, which one is live, and how an earlier one comes back."""
