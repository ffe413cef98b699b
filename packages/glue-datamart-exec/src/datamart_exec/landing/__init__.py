"""Landing: takes the objects of the landing zone into the change zone and the final zone."""
