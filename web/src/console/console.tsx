/** The console for developers: the running product's bus, requests, queues and rules. */

import { useRoute } from "preact-iso";
import { Show, useLoad } from "../ui/load";
import { read, type About } from "./api";
import "./console.css";
import { t } from "./language";
import { Live } from "./live";
import { address, VIEWS, type View } from "./parts";
import { Queues } from "./queues";
import { Requests, Trace } from "./requests";
import { Rules } from "./rules";

const INTERFACES = [
  { href: "/_matinee/graphiql", name: "graphiql" },
  { href: "/_matinee/openapi", name: "openapi" },
  { href: "/", name: "page" },
] as const;

function Interfaces({ about }: { about: About }) {
  if (about.readOnly) return <p>{t("localOnly")}</p>;
  return (
    <ul class="rows">
      {INTERFACES.map(({ href, name }) => (
        <li key={name}>
          <a href={href}>{t(name)}</a>
        </li>
      ))}
    </ul>
  );
}

function Content({ view, id, about }: { view: View; id: string; about: About }) {
  switch (view) {
    case "live":
      return <Live about={about} />;
    case "requests":
      return id ? <Trace id={id} /> : <Requests />;
    case "queues":
      return <Queues />;
    case "rules":
      return <Rules about={about} />;
    case "interfaces":
      return <Interfaces about={about} />;
  }
}

export function Console() {
  const { view: wanted, id = "" } = useRoute().params;
  const view = VIEWS.find((name) => name === wanted) ?? "live";
  const about = useLoad(() => read.about(), []);
  return (
    <main id="view" class="console">
      <h1>{t("console")}</h1>
      <ul class="views" aria-label={t("console")}>
        {VIEWS.map((name) => (
          <li key={name}>
            <a href={address(name)} aria-current={name === view ? "page" : undefined}>
              {t(name)}
            </a>
          </li>
        ))}
      </ul>
      <Show of={about}>
        {(product) => (
          <>
            {product.readOnly && <p class="quiet">{t("readOnly", { name: product.name })}</p>}
            <Content view={view} id={id} about={product} />
          </>
        )}
      </Show>
    </main>
  );
}
