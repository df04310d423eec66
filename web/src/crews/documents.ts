/** What the page asks of crews, and of the invitations to their rooms. */

import type { ResultOf } from "gql.tada";
import { graphql } from "../api/graphql";

const crew = graphql(`
  fragment OneCrew on Crew {
    id
    name
    people {
      userId
      name
      avatar
      isHost
    }
    filters {
      mediaTypes
    }
  }
`);

const invitation = graphql(`
  fragment Invited on Invitation {
    roomId
    crewName
    code
    closesAt
  }
`);

export type Crew = ResultOf<typeof crew>;
export type Invitation = ResultOf<typeof invitation>;

/** A member of twenty crews creates no further one: more than a page is a matter of invitations. */
export const MY_CREWS = graphql(
  `
    query MyCrews {
      myCrews(limit: 50) {
        items {
          ...OneCrew
        }
      }
    }
  `,
  [crew],
);
export const CREATE_CREW = graphql(`
  mutation CreateCrew($roomId: ID!, $name: String!) {
    createCrew(roomId: $roomId, name: $name) {
      id
      name
    }
  }
`);
export const LEAVE_CREW = graphql(`
  mutation LeaveCrew($id: ID!) {
    leaveCrew(crewId: $id) {
      id
    }
  }
`);
export const START = graphql(`
  mutation Start($id: ID!, $key: String!) {
    startRoom(crewId: $id, idempotencyKey: $key) {
      id
    }
  }
`);
export const INVITATIONS = graphql(
  `
    query Invitations {
      getMyInvitations(limit: 50) {
        ...Invited
      }
    }
  `,
  [invitation],
);
export const INVITED = graphql(`
  subscription InvitedTo($userId: ID!) {
    userInvitation(userId: $userId) {
      userId
      roomId
      crewId
      crewName
      code
      closesAt
      timestamp
    }
  }
`);
