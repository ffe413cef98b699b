"""The declarative model of staging and vault: its tables, the YAML files they are read from, and its checks."""
