"""Who may do what: IAM policies evaluated for every call, and denied as AWS would; nothing of moto is changed here."""
