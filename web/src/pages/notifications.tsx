/** The devices that are notified while the app is closed, this one among them. */

import { content, rest } from "../api/rest";
import { t } from "../language";
import { deviceId, forget, notify, renew, supported } from "../push";
import { Field } from "../ui/fields";
import { Form, Show, useLoad } from "../ui/load";
import { attempt, say } from "../ui/toast";

async function read() {
  const found = await content(rest.GET("/user/devices"));
  await renew(found.items).catch(() => undefined); // it is tried again with the next look
  return found;
}

export function Notifications() {
  const found = useLoad(read, []);
  const own = deviceId();
  return (
    <section>
      <h2>{t("notifications")}</h2>
      <p class="quiet">{t("notifyWhat")}</p>
      <Show of={found}>
        {({ items, applicationServerKey }) => (
          <>
            {items.length ? (
              <ul class="rows" aria-label={t("devices")}>
                {items.map((device) => {
                  const name = t("device", { host: new URL(device.endpoint).hostname });
                  return (
                    <li key={device.deviceId} class="actions">
                      <span>
                        {name}{" "}
                        <span class="quiet">
                          {[
                            device.deviceId === own && t("notifiedHere"),
                            device.quietHours && t("quietHours", { ...device.quietHours }),
                          ]
                            .filter(Boolean)
                            .join(", ")}
                        </span>
                      </span>
                      <button
                        type="button"
                        class="link"
                        aria-label={`${t("removeDevice")}: ${name}`}
                        onClick={() => attempt(() => forget(device.deviceId).then(found.again))}
                      >
                        {t("removeDevice")}
                      </button>
                    </li>
                  );
                })}
              </ul>
            ) : (
              <p class="quiet">{t("noDevices")}</p>
            )}
            <ThisDevice
              applicationServerKey={applicationServerKey}
              quiet={items.find((device) => device.deviceId === own)?.quietHours}
              again={found.again}
            />
          </>
        )}
      </Show>
    </section>
  );
}

function ThisDevice(props: {
  applicationServerKey: string | null | undefined;
  quiet: { from: string; until: string } | null | undefined;
  again: () => void;
}) {
  const { applicationServerKey, quiet, again } = props;
  if (!applicationServerKey) return <p class="quiet">{t("notifyUnavailable")}</p>;
  if (!supported()) return <p class="quiet">{t("notifyUnsupported")}</p>;
  return (
    <Form
      label={t("notifyHere")}
      action={t("notifyHere")}
      send={async (values) => {
        const [from, until] = [String(values.get("from")), String(values.get("until"))];
        const hours = from && until ? { from, until } : null;
        if (!(await notify(applicationServerKey, hours))) return say(t("notifyBlocked"));
        again();
      }}
    >
      <Field label={t("quietFrom")} name="from" type="time" defaultValue={quiet?.from ?? ""} />
      <Field
        label={t("quietUntil")}
        name="until"
        type="time"
        defaultValue={quiet?.until ?? ""}
        hint={t("quietHint")}
      />
    </Form>
  );
}
