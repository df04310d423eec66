"""What the trainer learns with: recommender.training behind its port. It needs numpy."""
