/** The REST interface, typed by its OpenAPI document. */

import createClient from "openapi-fetch";
import { config } from "../config";
import type { components, paths } from "../generated/rest";
import { language } from "../language";
import { Refusal, unreachable } from "../refusal";
import { accessToken } from "../session";

export const rest = createClient<paths>({ baseUrl: config.restUrl });

rest.use({
  async onRequest({ request }) {
    const token = await accessToken();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    request.headers.set("Accept-Language", language.value);
    return request;
  },
});

type Schemas = components["schemas"];
export type Title = Schemas["MediaItem"];
export type TitleDetails = Schemas["MediaDetails"];
export type Entry = Schemas["EntryResponse"];
export type Recommendation = Schemas["Item"];
export type ImportDetails = Schemas["ImportDetails"];
export type MediaType = Schemas["MediaType"];

/** Await an answer of `rest`; return its content, or throw a Refusal. */
export async function content<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  try {
    const { data, error, response } = await answer;
    if (response.ok) return data as T;
    const problem = (error ?? {}) as Partial<Schemas["Problem"]>;
    throw new Refusal(
      problem.code ?? "Unknown",
      problem.detail ?? response.statusText,
      response.status,
      problem.fields,
    );
  } catch (error) {
    throw unreachable(error);
  }
}
