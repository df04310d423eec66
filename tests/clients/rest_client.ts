// A front end's use of the REST API, by a client that openapi-typescript makes of the document.
// It compiles only while the document's types are right: each @ts-expect-error is a mistake that
// a front end's build must find.
//
//     node rest_client.js REST_URL    prints what it saw as JSON; $VISITOR is {email, password}

import createClient from "openapi-fetch";
import type { components, paths } from "./rest.js";

const api = createClient<paths>({ baseUrl: process.argv[2] });
const visitor = JSON.parse(process.env.VISITOR ?? "{}") as { email: string; password: string };

function present<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const signedIn = present(await api.POST("/auth/signin", { body: visitor }));
const lifetime: number = signedIn.ExpiresIn;
const refreshed = present(
  await api.POST("/auth/refresh", { body: { refreshToken: signedIn.RefreshToken } }),
);
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${refreshed.AccessToken}`);
  },
});

const page = present(
  await api.GET("/media/search", { params: { query: { q: "the", mediaType: "movie", limit: 5 } } }),
);
const [film] = page.items;
if (!film) throw new Error("nothing is found");
const title = present(
  await api.GET("/media/{mediaType}/{mediaId}", {
    params: { path: { mediaType: "movie", mediaId: film.id } },
  }),
);
present(
  await api.POST("/user/favourites", {
    body: { mediaType: "movie", mediaId: film.id, title: film.title },
  }),
);
const favourites = present(await api.GET("/user/favourites", { params: { query: { limit: 10 } } }));
const kinds: components["schemas"]["MediaType"][] = favourites.items.map((entry) => entry.mediaType);

const refused = await api.GET("/media", { params: { query: { limit: 101 } } });
const unknown = await api.POST("/auth/signin", { body: { ...visitor, password: "Wrong1password" } });

const answers: components["schemas"]["PreferencesChange"] = {
  favoriteGenres: [28, "Drama"],
  favoritePeople: { actors: ["Ann"] },
  keepMatches: true,
  quickModeCompleted: true,
};
present(await api.POST("/user/preferences", { body: answers }));

// @ts-expect-error - a limit is a number
const wrongType = () => api.GET("/media", { params: { query: { limit: "5" } } });
// @ts-expect-error - the password is missing
const incomplete = () => api.POST("/auth/signin", { body: { email: visitor.email } });
// @ts-expect-error - there is no such route
const nowhere = () => api.GET("/films");
// @ts-expect-error - the path's parameters are needed
const unnamed = () => api.GET("/media/{mediaType}/{mediaId}", {});

console.log(
  JSON.stringify({
    lifetime,
    film: film.id,
    title: title.id,
    favourites: favourites.items.map((entry) => entry.id),
    kinds,
    refused: [refused.response.status, refused.error && "code" in refused.error && refused.error.code],
    unknown: [unknown.response.status, unknown.error && "code" in unknown.error && unknown.error.code],
    unsent: [wrongType, incomplete, nowhere, unnamed].length,
  }),
);
