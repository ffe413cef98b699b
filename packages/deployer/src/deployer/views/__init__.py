"""Plans, drift, releases and runs, rendered for people and programs, with secrets hidden; changes nothing."""
