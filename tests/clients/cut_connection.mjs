/**
 * What every client of subscriptions goes through: a match arrives, the connection is cut, a match
 * is missed, the client connects again, catches up by query, and hears of the next match.
 *
 * The environment has SCENE: {url, tlsUrl, people: [{id, token}, {id, token}]}. A client is
 * {subscribe(endpoint, userId, token, hear), connected(), interrupted(), matches()}.
 */
import net from 'node:net';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket;

export const USER_MATCH = `subscription ($userId: ID!) {
  userMatch(userId: $userId) { userId roomId matchId movieId movieTitle posterPath matchedUsers timestamp }
}`;
export const MY_MATCHES = '{ getMyMatches { matchId movieId title } }';

const PATIENCE_MS = 180_000;
const scene = JSON.parse(process.env.SCENE);

/** Waits for something to become true. */
export async function until(condition, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function request(person, query, variables) {
  const answer = await fetch(scene.url, {
    method: 'POST',
    headers: { authorization: person.token, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Passes bytes to the endpoint's TLS port until it is cut. */
class Line {
  #open = new Set();
  #server = net.createServer((near) => {
    const far = net.connect(new URL(scene.tlsUrl).port, 'localhost');
    for (const socket of [near, far]) {
      this.#open.add(socket);
      socket.on('error', () => {}).on('close', () => this.#open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });

  listen(port = 0) {
    return new Promise((resolve) => {
      this.#server.listen(port, '127.0.0.1', () => resolve(this.#server.address().port));
    });
  }

  cut() {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }
}

export async function play(client) {
  const [ann, bob] = scene.people;
  const { createRoom: room } = await request(
    ann,
    'mutation { createRoom(input: {mediaType: MOVIE}) { id code candidates { id } } }',
  );
  await request(bob, 'mutation ($code: String!) { joinRoom(code: $code) { id } }', { code: room.code });
  const match = async (movieId) => {
    const input = { roomId: room.id, movieId, vote: true };
    const vote = 'mutation ($input: VoteInput!) { vote(input: $input) { match { movieId } } }';
    await request(ann, vote, { input });
    const { vote: result } = await request(bob, vote, { input });
    if (result.match.movieId !== movieId) throw new Error('no match');
  };
  const [first, missed, last] = room.candidates.map((candidate) => candidate.id);
  const heard = [];
  const hears = (movieId) => heard.some((event) => event.movieId === movieId);

  const line = new Line();
  const port = await line.listen();
  await client.subscribe(`https://localhost:${port}/graphql`, ann.id, ann.token, (event) => heard.push(event));
  await until(client.connected, 'connected');
  await match(first);
  await until(() => hears(first), 'the first match');

  line.cut();
  await until(client.interrupted, 'interrupted');
  await match(missed);
  await line.listen(port);
  await until(client.connected, 'connected again');
  let caughtUp = [];
  await until(async () => {
    caughtUp = await client.matches();
    return caughtUp.some((each) => each.movieId === missed);
  }, 'catching up');
  await match(last);
  await until(() => hears(last), 'the last match');

  console.log(JSON.stringify({
    users: [...new Set(heard.map((event) => event.userId))],
    heard: [first, last].every(hears),
    caughtUp: caughtUp.map((each) => each.movieId).sort() + '' === [first, missed].sort() + '',
  }));
  process.exit(0);
}
