"""A stand-in for TMDB: a local server that speaks its v3 API over invented titles.

As a server::

    python -m tools.tmdb --port 4568                      # 5,000 films, 1,500 series
    python -m tools.tmdb --port 4568 --films 100000 --seed 7 --rate-limit 0
    python -m tools.tmdb --port 4568 --catalogue exact.jsonl

The base URL for a client is ``http://127.0.0.1:4568/3``, that of images
``http://127.0.0.1:4568/t/p/w500`` + ``poster_path``. A key goes into ``api_key`` or into
``Authorization: Bearer``; any is valid but an empty one and the word "invalid" (``--keys a,b``
names the valid ones instead). One line on standard output says that it is ready; ``GET /__ready``
answers 200 from then on. SIGTERM and SIGINT end it with status 0.

In a test, without a socket::

    import httpx
    from tools.tmdb.app import create_app
    from tools.tmdb.catalogue import CatalogueBuilder, generate

    builder = CatalogueBuilder()
    builder.films(23, genres=(18, 16))              # exactly 23 have both
    builder.films(40, genres=(18,))
    builder.film("Amélie's Café", id=550, genres=(35, 10749), language="fr", keywords=("paris",),
                 cast=("Inès Valcourt",), directors=("Léo Quesnel",), released=date(2001, 4, 25))
    builder.show("The Marsh", id=550, genres=(10765,), has_poster=False, overview="")
    app = create_app(builder.build(), rate_limit=0)      # or create_app(generate(seed=7))

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://tmdb.test"
    ) as client:
        page = await client.get(
            "/3/discover/movie", params={"with_genres": "18,16", "api_key": "any"}
        )
        assert page.json()["total_results"] == 23
        await client.post("/__control", json={"fail_next": 2, "error_status": 503})
        ...
        assert (await client.get("/__stats")).json()["by_status"]["503"] == 2

Titles added to a builder come back in the order in which they were added (popularity falls from
one to the next). ``create_app(..., clock=...)`` takes a clock of the test's own, in seconds, for
the rate limit. ASGITransport enforces no timeouts: wrap a call to a hanging stand-in in
``asyncio.timeout``.

What it answers: /trending/{movie|tv|all}/{day|week} (people among "all"), /{movie|tv}/popular and
/top_rated, /discover/{movie|tv}, /search/{movie|tv|multi}, /{movie|tv}/{id} and of it /credits,
/keywords, /external_ids, /videos (include_video_language), /translations, /watch/providers,
/release_dates (films), /content_ratings (series),
/similar and /recommendations, all of which append_to_response takes, too, /find/{imdb_id} (film 550
is tt10000550, series 550 is tt20000550), /genre/{movie|tv}/list, /configuration, and images in
every size of it. 20 a page, pages 1-500 (else status_code 22), ``total_pages`` beyond 500 where
there are more, and 1 where there is nothing.
Filters of /discover: with_genres, with_keywords, with_cast, with_crew, with_people (comma AND, pipe
OR, and "1,2|3" is 1 and either of 2 and 3), without_genres, without_keywords,
with_original_language, with_origin_country, vote_count, vote_average, with_runtime (.gte, .lte),
primary_release_date, release_date, first_air_date, air_date (.gte, .lte), primary_release_year,
year, first_air_date_year, include_adult, with_watch_providers and with_watch_monetization_types
(with watch_region), certification and certification.lte (of films, with certification_country),
sort_by. Other parameters, ``region`` among them, are
ignored, and ``language`` but for the language of videos.

POST /__control with any of these, as JSON, changes how it behaves from the next request on (a wrong
name or value: 400, and nothing changes); GET shows them; POST /__control/reset undoes them all:

    latency_ms, jitter_ms     every answer is held back so long, give or take the jitter
    error_rate, error_status  that share of requests fails with 500, 503, 504 or 429
    fail_next                 so many requests fail with error_status, then no more
    retry_after               seconds in the Retry-After of a 429 made by the two above
    down                      503 to everything
    hang, hang_seconds        nothing is answered until the client leaves; after 60 s: 504
    malformed_rate            that share of good answers is cut short, empty or an HTML page
    rate_limit                requests a second (40); above it 429, Retry-After; 0: no limit
    path_prefix               where faults strike ("/3/"; say "/3/discover" for that alone)
    seed                      of the chances
    providers                 who streams titles, by country: {"movie/550": {"US": [8, 337]}}

GET /__stats: requests, by_path, by_status ("none": never answered), exact (how often each request
came, without its key), max_in_one_second, max_accepted_in_one_second. POST /__stats/reset.

At the default size and seed, of films "18,53" (drama and thriller) finds hundreds, "12,10749"
(adventure and romance) some two dozen and "27,37" (horror and western) two; of series "18,80"
finds over a hundred, "18,10766" (drama and soap) some two dozen, "16,10768" two.
"""
