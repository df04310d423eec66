"""Training from everybody's favourites: the only part of the domain that needs numpy."""
