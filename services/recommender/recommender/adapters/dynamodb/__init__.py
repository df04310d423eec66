"""DynamoDB: tastes, titles, counted favourites and the training log."""
