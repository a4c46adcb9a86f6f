"""Groups of records that mean one thing: how they are told, joined and kept apart."""
