"""Learning from everybody's favourites: numpy is needed here and nowhere else."""
