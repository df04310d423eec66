"""What may go wrong when something is recommended, each with a sentence for the person who asks."""

from matinee.errors import NotFound


class TitleNotFound(NotFound):
    """Nobody knows the title to which others should be similar."""

    title = "There is no such title."
