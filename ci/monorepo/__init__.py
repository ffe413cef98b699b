"""How the repository builds itself: packages, environments from locks, reproducible artefacts. Knows no AWS."""
