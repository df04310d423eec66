/** A friend's link: what room it is, and the way in, for whoever has an account and for whoever has none. */

import { useLocation } from "preact-iso";
import { ask } from "../api/graphql";
import { t, time } from "../language";
import { at, places } from "../places";
import { comeIn, memberId, userId } from "../session";
import { Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { JOIN, PREVIEW } from "./documents";

const MEDIA = { MOVIE: "films", TV: "series" } as const;

function Visitor({ code }: { code: string }) {
  const { route, url } = useLocation();
  const next = encodeURIComponent(url);
  return (
    <>
      <p>{t("guestWelcome")}</p>
      <Form
        label={t("joinAsGuest")}
        action={t("joinAsGuest")}
        send={async (values) => {
          await comeIn(code, String(values.get("name")));
          const { joinRoom } = await ask(JOIN, { code });
          route(at("room", joinRoom), true);
        }}
      >
        <Field label={t("name")} name="name" autocomplete="nickname" maxLength={40} required />
      </Form>
      <p>
        <a href={`${places.signIn}?next=${next}`}>{t("haveAccount")}</a>
      </p>
      <p>
        <a href={`${places.signUp}?next=${next}`}>{t("signUp")}</a>
      </p>
    </>
  );
}

function Invited({ code }: { code: string }) {
  const { route } = useLocation();
  const preview = useLoad(() => ask(PREVIEW, { code }), [code]);
  return (
    <Show of={preview}>
      {({ roomPreview }) =>
        roomPreview ? (
          <>
            <p>
              {t("previewOf", {
                host: roomPreview.hostName ?? t("somebody"),
                what: roomPreview.filters.mediaTypes.map((type) => t(MEDIA[type])).join(", "),
              })}
            </p>
            <p class="quiet">
              {t("previewPeople", { people: roomPreview.people, seats: roomPreview.seats })} ·{" "}
              {t("closes", { at: time(roomPreview.closesAt) })}
            </p>
            <Form
              label={t("joinRoom")}
              action={t("joinRoom")}
              send={async () => {
                const { joinRoom } = await ask(JOIN, { code });
                route(at("room", joinRoom), true);
              }}
            >
              {null}
            </Form>
          </>
        ) : (
          <>
            <p role="alert">{t("noSuchRoom")}</p>
            {memberId.value && <a href={places.rooms}>{t("rooms")}</a>}
          </>
        )
      }
    </Show>
  );
}

export function Join({ code }: { code: string }) {
  return (
    <main id="view" class="narrow">
      <h1>{t("joinRoom")}</h1>
      {userId.value ? <Invited code={code} /> : <Visitor code={code} />}
    </main>
  );
}
