/** Rooms: documents typed by the schema, requests and subscriptions by Amplify's client. */

import { signal } from "@preact/signals";
import { Amplify } from "aws-amplify";
import { CONNECTION_STATE_CHANGE, ConnectionState, generateClient } from "aws-amplify/api";
import { Hub } from "aws-amplify/utils";
import { initGraphQLTada, type TadaDocumentNode } from "gql.tada";
import { config } from "../config";
import type { introspection } from "../generated/graphql-env";
import { Refusal, unreachable } from "../refusal";
import { accessToken, claims } from "../session";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { AWSDateTime: string };
  disableMasking: true;
}>();

Amplify.configure(
  {
    API: {
      GraphQL: { endpoint: config.graphqlUrl, region: config.region, defaultAuthMode: "userPool" },
    },
  },
  { Auth: { tokenProvider: { getTokens } } },
);
if (config.realtimeUrl) connectAt(config.realtimeUrl);

const client = generateClient();

/** Whether events arrive now. After a pause Amplify subscribes again, and whoever listens reads what they missed. */
export const connected = signal(false);
Hub.listen("api", ({ payload }) => {
  if (payload.event !== CONNECTION_STATE_CHANGE) return;
  const { connectionState } = payload.data as { connectionState: ConnectionState };
  connected.value = connectionState === ConnectionState.Connected;
});

async function getTokens() {
  const token = await accessToken();
  return token ? { accessToken: { payload: { ...claims(token) }, toString: () => token } } : null;
}

/** Amplify always connects by TLS, also to localhost; the product there is reached without a certificate. */
function connectAt(realtimeUrl: string): void {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(derived: string | URL, protocols?: string | string[]) {
      super(realtimeUrl + new URL(derived).search, protocols);
    }
  };
}

interface GraphQLError {
  message: string;
  errorType?: string;
}

/** Throw the first error of an answer, which Amplify throws as an answer. */
function refuse(answer: unknown): never {
  const first = (answer as { errors?: GraphQLError[] }).errors?.[0];
  throw first ? new Refusal(first.errorType ?? "Unknown", first.message) : unreachable(answer);
}

/** Ask once. Throws a Refusal whose code is the error's type. */
export async function ask<Data, Variables extends Record<string, unknown>>(
  query: TadaDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  try {
    const answer = (await client.graphql({
      query: query as never,
      variables: variables as never,
    })) as {
      data: Data;
    };
    return answer.data;
  } catch (answer) {
    return refuse(answer);
  }
}

/** Hear events until the returned function is called. */
export function listen<Data, Variables extends Record<string, unknown>>(
  query: TadaDocumentNode<Data, Variables>,
  variables: Variables,
  hear: (data: Data) => void,
  fail: (error: Refusal) => void,
): () => void {
  const events = client.graphql({
    query: query as never,
    variables: variables as never,
  }) as unknown as {
    subscribe(observer: { next(event: { data: Data }): void; error(error: unknown): void }): {
      unsubscribe(): void;
    };
  };
  const subscription = events.subscribe({
    next: ({ data }) => hear(data),
    error: (error) => {
      try {
        refuse(error);
      } catch (refusal) {
        fail(refusal as Refusal);
      }
    },
  });
  return () => subscription.unsubscribe();
}
