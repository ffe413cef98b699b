"""State machines proven: scenarios run on every engine, branches counted, definitions checked, machines drawn."""
