/** Where the product is: one file beside the page, which the deployment fills. */
export interface Config {
  /** Base URL of the REST interface. */
  restUrl: string;
  /** AppSync's GraphQL endpoint. */
  graphqlUrl: string;
  /** Only where the real-time endpoint is not the one that AppSync's clients derive from graphqlUrl. */
  realtimeUrl?: string;
  region: string;
  /** Base URL of posters, to which a size and a path are added. */
  picturesUrl: string;
  /** Whether this is the product on a developer's machine. */
  local?: boolean;
  demoUser?: { email: string; password: string };
}

const answer = await fetch(`${import.meta.env.BASE_URL}config.json`, { cache: "no-cache" });
if (!answer.ok) throw new Error(`config.json: ${answer.status}`);

export const config = (await answer.json()) as Config;
