"""A plan as seen by people and programs: described once, with secrets hidden, then rendered; changes nothing."""
