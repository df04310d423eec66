/** The addresses of the page's views. */

import { config } from "./config";

const base = import.meta.env.BASE_URL;

export const places = {
  home: base,
  search: `${base}search`,
  title: `${base}titles/:mediaType/:mediaId`,
  lists: `${base}lists`,
  forYou: `${base}for-you`,
  rooms: `${base}rooms`,
  room: `${base}rooms/:id`,
  join: `${base}join/:code`,
  account: `${base}account`,
  preferences: `${base}preferences`,
  imports: `${base}imports`,
  signIn: `${base}sign-in`,
  signUp: `${base}sign-up`,
  consoleHome: `${base}console`,
  console: `${base}console/:view?/:id?`,
} as const;

/** Fill the parameters of a place. */
export const at = (place: keyof typeof places, values: object) =>
  places[place].replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values[name as never])),
  );

/** The address that a friend opens to join a room. */
export const joinLink = (code: string) => new URL(at("join", { code }), location.href).href;

/** A poster in a size of TMDB's: w185, w342, w500. */
export const picture = (path: string, size: "w185" | "w342" | "w500") =>
  `${config.picturesUrl}/${size}${path}`;

/** A media type of the rooms as the REST interface writes it. */
export const shelfType = (mediaType: "MOVIE" | "TV") => (mediaType === "TV" ? "tv" : "movie");
