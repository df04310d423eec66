"""What may go wrong when something is recommended, each with a sentence for the person who asks."""

from matinee.errors import NotFound, Unavailable


class TitleNotFound(NotFound):
    """Nobody knows the title to which others should be similar."""

    title = "There is no such title."


class SimilarUnavailable(Unavailable):
    """The titles cannot be read, so nobody can tell what is similar, or that there is no such."""

    title = "Similar titles cannot be found right now. Please try again."
