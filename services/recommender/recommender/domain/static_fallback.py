"""The last fallback: well-known titles that are part of the code, for when nothing can be read.

The facts are TMDB's, rounded.
"""

from datetime import date

from matinee.media import MediaType, TitleKey
from recommender.domain.titles import TitleFacts

_FILMS = (
    (278, "The Shawshank Redemption", 1994, (18, 80), 8.7),
    (238, "The Godfather", 1972, (18, 80), 8.7),
    (424, "Schindler's List", 1993, (18, 36, 10752), 8.6),
    (389, "12 Angry Men", 1957, (18,), 8.5),
    (129, "Spirited Away", 2001, (16, 10751, 14), 8.5),
    (155, "The Dark Knight", 2008, (18, 28, 80, 53), 8.5),
    (496243, "Parasite", 2019, (35, 53, 18), 8.5),
    (680, "Pulp Fiction", 1994, (53, 80), 8.5),
    (13, "Forrest Gump", 1994, (35, 18, 10749), 8.5),
    (122, "The Lord of the Rings: The Return of the King", 2003, (12, 14, 28), 8.5),
    (550, "Fight Club", 1999, (18,), 8.4),
    (27205, "Inception", 2010, (28, 878, 12), 8.4),
    (157336, "Interstellar", 2014, (12, 18, 878), 8.4),
    (105, "Back to the Future", 1985, (12, 35, 878), 8.3),
    (539, "Psycho", 1960, (27, 18, 53), 8.4),
    (346, "Seven Samurai", 1954, (28, 18), 8.5),
    (8587, "The Lion King", 1994, (10751, 16, 18), 8.3),
    (603, "The Matrix", 1999, (28, 878), 8.2),
    (98, "Gladiator", 2000, (28, 18, 12), 8.2),
    (11, "Star Wars", 1977, (12, 28, 878), 8.2),
    (862, "Toy Story", 1995, (16, 35, 10751), 8.0),
    (329, "Jurassic Park", 1993, (12, 878), 7.9),
    (194, "Amélie", 2001, (35, 10749), 7.9),
    (289, "Casablanca", 1942, (18, 10749), 8.2),
    (37165, "The Truman Show", 1998, (35, 18), 8.1),
)
_SERIES = (
    (1396, "Breaking Bad", 2008, (18, 80), 8.9),
    (87108, "Chernobyl", 2019, (18,), 8.7),
    (246, "Avatar: The Last Airbender", 2005, (16, 10759, 10765), 8.7),
    (94605, "Arcane", 2021, (16, 10765, 10759), 8.7),
    (60625, "Rick and Morty", 2013, (16, 35, 10765), 8.7),
    (60059, "Better Call Saul", 2015, (80, 18), 8.7),
    (1398, "The Sopranos", 1999, (18,), 8.6),
    (1438, "The Wire", 2002, (80, 18), 8.6),
    (66732, "Stranger Things", 2016, (18, 10765, 9648), 8.6),
    (2316, "The Office", 2005, (35,), 8.6),
    (31911, "Fullmetal Alchemist: Brotherhood", 2009, (16, 10759, 10765), 8.7),
    (4613, "Band of Brothers", 2001, (18, 10768), 8.5),
    (1399, "Game of Thrones", 2011, (10765, 18, 10759), 8.4),
    (1668, "Friends", 1994, (35,), 8.4),
    (19885, "Sherlock", 2010, (80, 18, 9648), 8.5),
    (60574, "Peaky Blinders", 2013, (18, 80), 8.5),
    (70523, "Dark", 2017, (80, 18, 9648, 10765), 8.4),
    (82856, "The Mandalorian", 2019, (10765, 10759, 18), 8.4),
    (42009, "Black Mirror", 2011, (10765, 18, 9648), 8.3),
    (65494, "The Crown", 2016, (18,), 8.2),
    (456, "The Simpsons", 1989, (10751, 16, 35), 8.0),
    (46648, "True Detective", 2014, (18,), 8.3),
    (44217, "Vikings", 2013, (10759, 18, 10768), 8.1),
)

_VOTES = 10_000
_POPULARITY = 60.0

STATIC_FALLBACK = tuple(
    TitleFacts(
        TitleKey(media, id_),
        title,
        release_date=date(year, 1, 1),
        genre_ids=genres,
        popularity=_POPULARITY,
        vote_average=rating,
        vote_count=_VOTES,
    )
    for media, titles in ((MediaType.MOVIE, _FILMS), (MediaType.TV, _SERIES))
    for id_, title, year, genres, rating in titles
)
