/** Crews: people who open rooms together, and the invitations to those. */

import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect, useRef } from "preact/hooks";
import { ask, connected, listen } from "../api/graphql";
import { t, time } from "../language";
import { face } from "../pages/account";
import { at } from "../places";
import { userId } from "../session";
import { Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { attempt, say } from "../ui/toast";
import {
  CREATE_CREW,
  INVITATIONS,
  INVITED,
  LEAVE_CREW,
  MY_CREWS,
  START,
  type Crew,
  type Invitation,
} from "./documents";

function OneCrew({ crew, again }: { crew: Crew; again: () => void }) {
  const { route } = useLocation();
  const leaving = useSignal(false);
  /** The same request again, after an answer was lost, is the same room. */
  const key = useRef(crypto.randomUUID());
  const start = async () => {
    const { startRoom } = await ask(START, { id: crew.id, key: key.current });
    route(at("room", startRoom));
  };
  const leave = async () => {
    await ask(LEAVE_CREW, { id: crew.id });
    again();
  };
  return (
    <li>
      <strong>{crew.name}</strong>
      <ul class="people" aria-label={`${t("people")}: ${crew.name}`}>
        {crew.people.map(({ userId: id, name, avatar, isHost }) => (
          <li key={id}>
            <span class="face" aria-hidden="true">
              {face(avatar, name)}
            </span>
            {name ?? t("somebody")}
            {isHost && <small class="quiet"> {t("host")}</small>}
            {id === userId.value && <small class="quiet"> {t("you")}</small>}
          </li>
        ))}
      </ul>
      <p class="actions">
        <button
          type="button"
          aria-label={`${t("startRoom")}: ${crew.name}`}
          onClick={() => attempt(start)}
        >
          {t("startRoom")}
        </button>
        {leaving.value ? (
          <>
            <button type="button" class="danger" onClick={() => attempt(leave)}>
              {t("leaveCrewSure")}
            </button>
            <button type="button" class="link" onClick={() => (leaving.value = false)}>
              {t("cancel")}
            </button>
          </>
        ) : (
          <button
            type="button"
            class="link"
            aria-label={`${t("leaveCrew")}: ${crew.name}`}
            onClick={() => (leaving.value = true)}
          >
            {t("leaveCrew")}
          </button>
        )}
      </p>
    </li>
  );
}

export function Crews() {
  const crews = useLoad(() => ask(MY_CREWS, {}), []);
  return (
    <section>
      <h2>{t("crews")}</h2>
      <Show of={crews}>
        {({ myCrews: { items } }) =>
          items.length ? (
            <ul class="rows" aria-label={t("crews")}>
              {items.map((crew) => (
                <OneCrew key={crew.id} crew={crew} again={crews.again} />
              ))}
            </ul>
          ) : (
            <p class="quiet">{t("noCrews")}</p>
          )
        }
      </Show>
    </section>
  );
}

/** Invitations to rooms that are open, and that one is not in. */
export const pending = (
  invitations: readonly Invitation[],
  inside: readonly { id: string }[],
  now: number,
) => {
  const rooms = new Set(inside.map(({ id }) => id));
  return invitations.filter(
    ({ roomId, closesAt }) => Date.parse(closesAt) > now && !rooms.has(roomId),
  );
};

/** They appear as they are sent; `inside` are the rooms that one is in. */
export function Invitations({ inside }: { inside: readonly { id: string }[] }) {
  const found = useLoad(() => ask(INVITATIONS, {}), []);
  useEffect(() => {
    const stop = listen(
      INVITED,
      { userId: userId.peek()! },
      ({ userInvitation }) => {
        if (userInvitation) say(t("invitedBy", { crew: userInvitation.crewName }));
        found.again();
      },
      (refusal) => say(refusal.message || t("unreachable")),
    );
    // What was sent before the connection, or during a pause of it.
    const unsubscribe = connected.subscribe((now) => {
      if (now) found.again();
    });
    return () => {
      stop();
      unsubscribe();
    };
  }, []);
  const open = pending(found.value?.getMyInvitations ?? [], inside, Date.now());
  if (!open.length) return null;
  return (
    <section>
      <h2>{t("invitations")}</h2>
      <ul class="rows" aria-label={t("invitations")}>
        {open.map(({ roomId, crewName, code, closesAt }) => (
          <li key={roomId}>
            <a href={at("join", { code })}>{t("invitedBy", { crew: crewName })}</a>{" "}
            <span class="quiet">{t("closes", { at: time(closesAt) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Keep those who are in a room together, for further evenings. */
export function KeepCrew({ roomId }: { roomId: string }) {
  return (
    <details class="keep">
      <summary>{t("keepCrew")}</summary>
      <Form
        label={t("keepCrew")}
        action={t("createCrew")}
        send={async (values) => {
          const name = String(values.get("name")).trim();
          const { createCrew } = await ask(CREATE_CREW, { roomId, name });
          say(t("crewCreated", { name: createCrew.name }));
        }}
      >
        <Field label={t("crewName")} name="name" maxLength={40} required autocomplete="off" />
      </Form>
    </details>
  );
}
