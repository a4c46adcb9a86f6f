"""Fill the databases of the departments that speak SQL."""
