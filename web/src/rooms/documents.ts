/** What the page asks of rooms. */

import { graphql } from "../api/graphql";
import type { ResultOf } from "gql.tada";

const card = graphql(`
  fragment Card on Movie {
    id
    title
    overview
    posterPath
    releaseDate
    voteAverage
    voteCount
    genreIds
    mediaType
    reason
    runtime
    directors
    cast
    trailer {
      site
      key
    }
    certification
    whereToWatch {
      country
      providers {
        id
        name
      }
      credit
    }
  }
`);

const decided = graphql(`
  fragment Decided on Decision {
    decisionId
    roomId
    movieId
    title
    posterPath
    mediaType
    by
    timestamp
  }
`);

const found = graphql(`
  fragment Found on Match {
    matchId
    roomId
    movieId
    title
    posterPath
    mediaType
    likes
    timestamp
  }
`);

const happened = graphql(`
  fragment Happened on RoomFeedEntry {
    seq
    at
    kind
    userId
    name
    title
    progress {
      voted
      of
    }
    supporters
    of
    closesAt
  }
`);

const inside = graphql(`
  fragment Inside on Room {
    id
    code
    hostId
    mediaTypes
    source
    rule
    atLeast
    minParticipants
    maxParticipants
    closesAt
    closeReason
    createdAt
    people {
      userId
      name
      avatar
      isHost
      isGuest
      isPresent
      progress {
        voted
        of
      }
    }
    candidates {
      id
    }
  }
`);

export type Card = ResultOf<typeof card>;
export type Decided = ResultOf<typeof decided>;
export type FeedEntry = ResultOf<typeof happened>;
export type Found = ResultOf<typeof found>;
export type Inside = ResultOf<typeof inside>;

export const MY_ROOMS = graphql(
  `
    query MyRooms {
      getMyRooms {
        ...Inside
      }
    }
  `,
  [inside],
);
export const MY_MATCHES = graphql(
  `
    query MyMatches($after: ID) {
      getMyMatches(limit: 100, after: $after) {
        ...Found
      }
    }
  `,
  [found],
);
export const MY_DECISIONS = graphql(
  `
    query MyDecisions($after: ID) {
      getMyDecisions(limit: 100, after: $after) {
        ...Decided
      }
    }
  `,
  [decided],
);
export const ROOM = graphql(
  `
    query Room($id: ID!) {
      getRoom(id: $id) {
        ...Inside
      }
      roomMatches(roomId: $id) {
        ...Found
      }
      roomDecision(roomId: $id) {
        ...Decided
      }
    }
  `,
  [inside, found, decided],
);
export const PREVIEW = graphql(`
  query Preview($code: String!) {
    roomPreview(code: $code) {
      hostName
      people
      seats
      closesAt
      filters {
        mediaTypes
      }
    }
  }
`);
export const DECK = graphql(
  `
    query Deck($id: ID!, $limit: Int, $language: String, $country: String) {
      deck(roomId: $id, limit: $limit, language: $language, country: $country) {
        ...Card
      }
    }
  `,
  [card],
);
export const STANDINGS = graphql(`
  query Standings($id: ID!) {
    standings(roomId: $id) {
      movieId
      title
      posterPath
      mediaType
      likes
      of
      missing
    }
  }
`);
export const CREATE = graphql(`
  mutation Create($input: CreateRoomInput!) {
    createRoom(input: $input) {
      id
    }
  }
`);
export const JOIN = graphql(`
  mutation Join($code: String!) {
    joinRoom(code: $code) {
      id
    }
  }
`);
export const EXTEND = graphql(`
  mutation Extend($id: ID!, $hours: Int!) {
    extendRoom(roomId: $id, closesAfterHours: $hours) {
      id
    }
  }
`);
export const CLOSE = graphql(`
  mutation Close($id: ID!) {
    closeRoom(roomId: $id) {
      id
    }
  }
`);
export const REMOVE = graphql(`
  mutation Remove($id: ID!, $userId: ID!) {
    removeParticipant(roomId: $id, userId: $userId) {
      id
    }
  }
`);
export const LEAVE = graphql(`
  mutation Leave($id: ID!) {
    leaveRoom(roomId: $id) {
      id
    }
  }
`);
export const DEAL_MORE = graphql(`
  mutation DealMore($id: ID!, $known: Int) {
    dealMore(roomId: $id, known: $known) {
      candidates {
        id
      }
    }
  }
`);
export const VOTE = graphql(
  `
    mutation Vote($input: VoteInput!) {
      vote(input: $input) {
        success
        match {
          ...Found
        }
      }
    }
  `,
  [found],
);
export const DECIDE = graphql(
  `
    mutation Decide($id: ID!, $movieId: Int!) {
      decide(roomId: $id, movieId: $movieId) {
        ...Decided
      }
    }
  `,
  [decided],
);
export const PROPOSE = graphql(
  `
    mutation Propose($id: ID!, $movieId: Int!) {
      propose(roomId: $id, movieId: $movieId) {
        supporters
        of
        decision {
          ...Decided
        }
      }
    }
  `,
  [decided],
);
export const FEED = graphql(
  `
    query Feed($id: ID!, $after: Int, $limit: Int) {
      roomFeed(roomId: $id, after: $after, limit: $limit) {
        ...Happened
      }
    }
  `,
  [happened],
);
export const ROOM_FEED = graphql(
  `
    subscription RoomFeed($id: ID!) {
      roomFeed(roomId: $id) {
        ...Happened
      }
    }
  `,
  [happened],
);
export const HEARTBEAT = graphql(`
  mutation Heartbeat($id: ID!) {
    heartbeat(roomId: $id)
  }
`);
