/** aws-amplify: it connects by itself again, always over wss://. */
import { Amplify } from 'aws-amplify';
import { CONNECTION_STATE_CHANGE, ConnectionState, generateClient } from 'aws-amplify/api';
import { decodeJWT } from '@aws-amplify/core';
import { Hub } from 'aws-amplify/utils';
import { MY_MATCHES, USER_MATCH, play } from './cut_connection.mjs';

let state;
let client;
Hub.listen('api', ({ payload }) => {
  if (payload.event === CONNECTION_STATE_CHANGE) state = payload.data.connectionState;
});

await play({
  async subscribe(endpoint, userId, token, hear) {
    Amplify.configure(
      { API: { GraphQL: { endpoint, region: 'eu-west-1', defaultAuthMode: 'userPool' } } },
      { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: decodeJWT(token) }) } } },
    );
    client = generateClient();
    client.graphql({ query: USER_MATCH, variables: { userId } }).subscribe({
      next: ({ data }) => hear(data.userMatch),
      error: (error) => { throw new Error(JSON.stringify(error)); },
    });
  },
  connected: () => state === ConnectionState.Connected,
  interrupted: () => state === ConnectionState.ConnectionDisrupted,
  matches: async () => (await client.graphql({ query: MY_MATCHES })).data.getMyMatches,
});
