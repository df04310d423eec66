/** The frame around every view: navigation, the view, and what is said in passing. */

import type { ComponentChildren, FunctionComponent } from "preact";
import { lazy, LocationProvider, ErrorBoundary, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { config } from "./config";
import { t } from "./language";
import { Home } from "./pages/home";
import { places } from "./places";
import { isGuest, userId } from "./session";
import { Icon, type IconName } from "./ui/icon";
import { Toast } from "./ui/toast";

const Search = lazy(() => import("./pages/search").then((page) => page.Search));
const Title = lazy(() => import("./pages/title").then((page) => page.TitlePage));
const Lists = lazy(() => import("./pages/lists").then((page) => page.Lists));
const ForYou = lazy(() => import("./pages/for-you").then((page) => page.ForYou));
const Account = lazy(() => import("./pages/account").then((page) => page.Account));
const Preferences = lazy(() =>
  import("./preferences/preferences").then((page) => page.Preferences),
);
const Imports = lazy(() => import("./pages/imports").then((page) => page.Imports));
const Guest = lazy(() => import("./pages/guest").then((page) => page.Guest));
const SignIn = lazy(() => import("./pages/sign-in").then((page) => page.SignIn));
const SignUp = lazy(() => import("./pages/sign-up").then((page) => page.SignUp));
const Rooms = lazy(() => import("./rooms/rooms").then((page) => page.Rooms));
const Join = lazy(() => import("./rooms/join").then((page) => page.Join));
const Console = lazy(() => import("./console/console").then((page) => page.Console));
const Room = lazy(() => import("./rooms/room").then((page) => page.RoomPage));

const LINKS: { place: "home" | "search" | "forYou" | "lists" | "rooms"; icon: IconName }[] = [
  { place: "home", icon: "home" },
  { place: "search", icon: "search" },
  { place: "rooms", icon: "people" },
  { place: "forYou", icon: "star" },
  { place: "lists", icon: "bookmark" },
];
const FOR_GUESTS = ["home", "search"];

function Navigation() {
  const { path } = useLocation();
  const current = (place: string) =>
    place === places.home ? path === place || `${path}/` === place : path.startsWith(place);
  const account = userId.value ? "account" : "signIn";
  return (
    <nav aria-label={t("navigation")}>
      {LINKS.filter(({ place }) => !isGuest.value || FOR_GUESTS.includes(place)).map(
        ({ place, icon }) => (
          <a
            key={place}
            href={places[place]}
            aria-current={current(places[place]) ? "page" : undefined}
          >
            <Icon name={icon} />
            <span>{t(place)}</span>
          </a>
        ),
      )}
      <a href={places[account]} aria-current={current(places[account]) ? "page" : undefined}>
        <Icon name="person" />
        <span>{t(account)}</span>
      </a>
    </nav>
  );
}

/** What belongs to a user: whoever is not signed in is led to the door, and back; a guest may get an account. */
function Own({ children, guests }: { children: ComponentChildren; guests: boolean }) {
  const { route, url } = useLocation();
  useEffect(() => {
    if (!userId.value) route(`${places.signIn}?next=${encodeURIComponent(url)}`, true);
  }, [userId.value]);
  if (!userId.value) return null;
  return isGuest.value && !guests ? <Guest /> : <>{children}</>;
}

const owned =
  <Props extends object>(View: FunctionComponent<Props>, guests = false) =>
  (props: Props) => (
    <Own guests={guests}>
      <View {...props} />
    </Own>
  );
const OWN = {
  forYou: owned(ForYou),
  lists: owned(Lists),
  account: owned(Account),
  imports: owned(Imports),
  preferences: owned(Preferences),
  rooms: owned(Rooms),
  room: owned(Room, true),
};

function Nowhere() {
  return (
    <main id="view">
      <h1>{t("nowhere")}</h1>
      <a href={places.home}>{t("home")}</a>
    </main>
  );
}

/** A view is announced, and begins at its top. */
function arrive(): void {
  scrollTo(0, 0);
  const heading = document.querySelector<HTMLElement>("main h1");
  if (!heading) return;
  document.title = `${heading.textContent} · Matinee`;
}

export const App = () => (
  <LocationProvider scope={places.home}>
    <a class="skip" href="#view">
      {t("skip")}
    </a>
    <div class="bar">
      <header>
        <a class="brand" href={places.home}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="32" height="32" />
          Matinee
        </a>
        {config.local && <a href={places.consoleHome}>{t("console")}</a>}
      </header>
      <Navigation />
    </div>
    <ErrorBoundary>
      <Router onLoadEnd={arrive} onRouteChange={() => queueMicrotask(arrive)}>
        <Route path={places.home} component={Home} />
        <Route path={places.search} component={Search} />
        <Route path={places.title} component={Title} />
        <Route path={places.signIn} component={SignIn} />
        <Route path={places.signUp} component={SignUp} />
        <Route path={places.lists} component={OWN.lists} />
        <Route path={places.forYou} component={OWN.forYou} />
        <Route path={places.account} component={OWN.account} />
        <Route path={places.imports} component={OWN.imports} />
        <Route path={places.preferences} component={OWN.preferences} />
        <Route path={places.rooms} component={OWN.rooms} />
        <Route path={places.join} component={Join} />
        <Route path={places.room} component={OWN.room} />
        <Route path={places.console} component={config.local ? Console : Nowhere} />
        <Route default component={Nowhere} />
      </Router>
    </ErrorBoundary>
    <Toast />
  </LocationProvider>
);
