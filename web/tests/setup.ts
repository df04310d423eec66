/** The product as the page finds it in tests: nothing of it is reached. */

import { vi } from "vitest";

export const CONFIG = {
  restUrl: "http://rest.example",
  graphqlUrl: "http://graphql.example/graphql",
  region: "eu-west-1",
  picturesUrl: "http://pictures.example",
};

/** What the next requests are answered; config.json is always there. */
export const answers: ((request: Request) => Response | Promise<Response>)[] = [];
export const requests: Request[] = [];

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
  if (String(input).endsWith("config.json")) return json(CONFIG);
  const request = new Request(input, init);
  requests.push(request);
  const answer = answers.shift();
  if (!answer) throw new TypeError(`nothing answers ${request.url}`);
  return answer(request);
});
