"""How right and how fast records of departments become one city, against the simulator's truth."""
