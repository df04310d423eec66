/** A friend's link: what room it is, and the way in. */

import { useLocation } from "preact-iso";
import { ask } from "../api/graphql";
import { t, time } from "../language";
import { at, places } from "../places";
import { Form, Show, useLoad } from "../ui/load";
import { JOIN, PREVIEW } from "./documents";

const MEDIA = { MOVIE: "films", TV: "series" } as const;

export function Join({ code }: { code: string }) {
  const { route } = useLocation();
  const preview = useLoad(() => ask(PREVIEW, { code }), [code]);
  return (
    <main id="view" class="narrow">
      <h1>{t("joinRoom")}</h1>
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
              <a href={places.rooms}>{t("rooms")}</a>
            </>
          )
        }
      </Show>
    </main>
  );
}
