/** A file of another site becomes entries of one's lists, row by row. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { content, rest, type ImportDetails } from "../api/rest";
import { config } from "../config";
import { t, time } from "../language";
import { Refusal, unreachable } from "../refusal";
import { accessToken } from "../session";
import { load } from "../shelves";
import { Form, Show, useLoad } from "../ui/load";

const POLL_MILLISECONDS = 1000;

/** Send the file as it is; the product knows its site by its form. */
async function upload(file: File): Promise<string> {
  const form = new FormData();
  form.append("file", file);
  const answer = await fetch(`${config.restUrl}/user/imports`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await accessToken()}` },
    body: form,
  });
  const body = await answer.json();
  if (!answer.ok) throw new Refusal(body.code, body.detail, answer.status, body.fields);
  return body.importId;
}

const read = (importId: string) =>
  content(rest.GET("/user/imports/{importId}", { params: { path: { importId } } }));

/** The state of an import, until nothing of it waits. */
function Progress({ importId }: { importId: string }) {
  const report = useSignal<ImportDetails | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let current = true;
    const follow = async () => {
      try {
        const now = await read(importId);
        if (!current) return;
        [report.value, refusal.value] = [now, null];
        if (!now.counts.waiting) {
          await Promise.all([load("favourites"), load("watchlist")]);
          return;
        }
      } catch (error) {
        if (current) refusal.value = unreachable(error);
      }
      if (current) timer = setTimeout(follow, POLL_MILLISECONDS);
    };
    void follow();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [importId]);
  const now = report.value;
  if (refusal.value && !now) return <p role="alert">{t("unreachable")}</p>;
  if (!now) return <p role="status">{t("loading")}</p>;
  const done = now.rows - now.counts.waiting;
  const { waiting, ...counts } = now.counts;
  return (
    <section aria-label={now.file}>
      <h2>{now.file}</h2>
      <progress aria-label={t("importProgress")} max={now.rows} value={done} />
      <p role="status">
        {waiting
          ? t("importRunning", { done, rows: now.rows })
          : t("importDone", { rows: now.rows })}
      </p>
      <ul class="tags">
        {Object.entries(counts)
          .filter(([, count]) => count)
          .map(([status, count]) => (
            <li key={status}>
              {t(`row_${status}` as never)}: {count}
            </li>
          ))}
      </ul>
      <ul class="rows">
        {now.results
          .filter((row) => row.message)
          .map((row) => (
            <li key={row.number}>
              <strong>{row.title ?? `${row.file}:${row.line}`}</strong> {row.message}
            </li>
          ))}
      </ul>
    </section>
  );
}

function Earlier({ show }: { show: (importId: string) => void }) {
  const imports = useLoad(() => content(rest.GET("/user/imports")), []);
  return (
    <Show of={imports}>
      {({ items }) => (
        <ul class="rows">
          {items.map((one) => (
            <li key={one.importId}>
              <button type="button" class="link" onClick={() => show(one.importId)}>
                {one.file}
              </button>{" "}
              <span class="quiet">{time(one.createdAt)}</span>
            </li>
          ))}
        </ul>
      )}
    </Show>
  );
}

export function Imports() {
  const importId = useSignal<string | null>(null);
  return (
    <main id="view" class="narrow">
      <h1>{t("imports")}</h1>
      <p>{t("importSites")}</p>
      <Form
        label={t("imports")}
        action={t("importSend")}
        send={async (values) => {
          importId.value = await upload(values.get("file") as File);
        }}
      >
        <p class="field">
          <label for="file">{t("file")}</label>
          <input id="file" name="file" type="file" accept=".csv,.zip,.json" required />
        </p>
      </Form>
      {importId.value ? (
        <Progress key={importId.value} importId={importId.value} />
      ) : (
        <Earlier show={(id) => (importId.value = id)} />
      )}
    </main>
  );
}
