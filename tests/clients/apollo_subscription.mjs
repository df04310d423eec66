/** Apollo Client with the link for AppSync: an error ends a subscription, and the app starts another. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { createAuthLink } from 'aws-appsync-auth-link';
import { CONTROL_EVENTS_KEY, createSubscriptionHandshakeLink } from 'aws-appsync-subscription-link';
import { tap } from 'rxjs';
import { MY_MATCHES, USER_MATCH, play } from './cut_connection.mjs';

const RETRY_MS = 500;
let client;
let connected = false;
let failed = false;

await play({
  async subscribe(url, userId, jwtToken, hear) {
    const settings = { url, region: 'eu-west-1', auth: { type: 'AMAZON_COGNITO_USER_POOLS', jwtToken } };
    // The link's own messages say that a subscription is acknowledged; Apollo Client drops them.
    const watch = new ApolloLink((operation, forward) => {
      operation.setContext({ controlMessages: { [CONTROL_EVENTS_KEY]: true } });
      return forward(operation).pipe(
        tap(({ extensions }) => { connected ||= extensions?.controlMsgType === 'CONNECTED'; }),
      );
    });
    const link = ApolloLink.from([
      watch,
      createAuthLink(settings),
      createSubscriptionHandshakeLink(settings, new HttpLink({ uri: url })),
    ]);
    client = new ApolloClient({ link, cache: new InMemoryCache() });
    const retry = () => {
      connected = false;
      failed = true;
      setTimeout(listen, RETRY_MS);
    };
    const listen = () => {
      client.subscribe({ query: gql(USER_MATCH), variables: { userId } }).subscribe({
        next: ({ data, error }) => (error ? retry() : data && hear(data.userMatch)),
        error: retry,
      });
    };
    listen();
  },
  connected: () => connected,
  interrupted: () => failed,
  matches: async () =>
    (await client.query({ query: gql(MY_MATCHES), fetchPolicy: 'network-only' })).data.getMyMatches,
});
