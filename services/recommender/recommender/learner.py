"""What the trainer learns with: recommender.training behind its port. It needs numpy."""


class CooccurrenceLearner:
    """To come with recommender.training."""
