import { beforeEach, expect, test, vi } from "vitest";
import worker from "../public/push.js?raw";
import { deviceId, forget, notify, renew } from "../src/push";
import { answers, json, requests } from "./setup";

const KEY = "BKey";

/** What the service worker does with an event; the windows are those of the app. */
async function woken(
  kind: "push" | "notificationclick",
  event: object,
  windows: { visibilityState?: string; navigate?: unknown; focus?: unknown }[] = [],
) {
  const listeners = new Map<string, (event: object) => void>();
  const self = {
    addEventListener: (name: string, hear: (event: object) => void) => listeners.set(name, hear),
    clients: { matchAll: async () => windows, openWindow: vi.fn() },
    registration: { scope: "https://app.example/", showNotification: vi.fn() },
  };
  new Function("self", worker)(self);
  let done: Promise<unknown> = Promise.resolve();
  listeners.get(kind)!({ ...event, waitUntil: (work: Promise<unknown>) => (done = work) });
  await done;
  return self;
}

const sent = {
  kind: "MATCH",
  title: "It's a match!",
  body: "Your room agrees on Alien.",
  tag: "m1",
  roomId: "r1",
};
const pushed = (data: object) => ({ data: { json: () => data } });

test("what is pushed is shown while nobody looks at the app", async () => {
  const { registration } = await woken("push", pushed(sent), [{ visibilityState: "hidden" }]);

  expect(registration.showNotification).toHaveBeenCalledWith("It's a match!", {
    body: "Your room agrees on Alien.",
    tag: "m1",
    icon: "icon.svg",
    data: "rooms/r1",
  });
});

test("whoever looks at the app is not notified", async () => {
  const { registration } = await woken("push", pushed(sent), [{ visibilityState: "visible" }]);

  expect(registration.showNotification).not.toHaveBeenCalled();
});

test.each([
  [{ kind: "DECISION", roomId: "r1" }, "rooms/r1"],
  [{ kind: "INVITATION", roomId: "r1" }, "rooms"],
  [{ kind: "AVAILABLE", mediaType: "TV", movieId: 7 }, "titles/tv/7"],
])("a notification %o leads to %s", async (payload, place) => {
  const { registration } = await woken("push", pushed(payload));

  expect(registration.showNotification.mock.calls[0]![1].data).toBe(place);
});

test("a notification opens its view, in the page that is open", async () => {
  const notification = { data: "rooms/r1", close: vi.fn() };
  const page = { navigate: vi.fn(), focus: vi.fn() };

  const { clients } = await woken("notificationclick", { notification }, [page]);
  expect(page.navigate).toHaveBeenCalledWith("https://app.example/rooms/r1");
  expect(page.focus).toHaveBeenCalled();
  expect(clients.openWindow).not.toHaveBeenCalled();

  const { clients: none } = await woken("notificationclick", { notification });
  expect(none.openWindow).toHaveBeenCalledWith("https://app.example/rooms/r1");
});

/** A browser whose push service gives one subscription after the other. */
function browser(permission: NotificationPermission, subscribed?: string) {
  const subscription = (endpoint: string) => ({
    endpoint,
    options: { applicationServerKey: new Uint8Array([4, 66]).buffer },
    toJSON: () => ({ endpoint, keys: { p256dh: "P", auth: "A" } }),
    unsubscribe: vi.fn(),
  });
  const had = subscribed ? subscription(subscribed) : null;
  const pushManager = {
    getSubscription: vi.fn(async () => had),
    subscribe: vi.fn(async () => subscription("https://push.example/new")),
  };
  vi.stubGlobal("Notification", { requestPermission: async () => permission });
  vi.stubGlobal("PushManager", class {});
  Object.defineProperty(navigator, "serviceWorker", {
    configurable: true,
    value: {
      ready: Promise.resolve({ pushManager }),
      getRegistration: async () => ({ pushManager }),
    },
  });
  return { pushManager, had };
}

beforeEach(() => {
  requests.length = 0;
  answers.length = 0;
});

test("this device is registered with the product's key, for its quiet hours", async () => {
  const { pushManager } = browser("granted");
  answers.push(() => json({}));

  expect(await notify(KEY, { from: "22:00", until: "07:00" })).toBe(true);

  expect(pushManager.subscribe).toHaveBeenCalledWith({
    userVisibleOnly: true,
    applicationServerKey: KEY,
  });
  const [request] = requests;
  expect(request!.method).toBe("PUT");
  expect(request!.url).toMatch(new RegExp(`/user/devices/${deviceId()}$`));
  const body = await request!.json();
  expect(body.subscription).toEqual({
    endpoint: "https://push.example/new",
    keys: { p256dh: "P", auth: "A" },
  });
  expect(body.quietHours).toMatchObject({ from: "22:00", until: "07:00" });
  expect(body.quietHours.timeZone).toBeTruthy();
});

test("whoever does not allow notifications is not registered", async () => {
  browser("denied");

  expect(await notify(KEY, null)).toBe(false);
  expect(requests).toEqual([]);
});

test("a subscription to another key is given up first", async () => {
  const { had } = browser("granted", "https://push.example/old");
  answers.push(() => json({}));

  await notify(KEY, null);

  expect(had!.unsubscribe).toHaveBeenCalled();
});

test("a browser without a push service says so, and not that the product is away", async () => {
  const { pushManager } = browser("granted");
  pushManager.subscribe.mockRejectedValue(new DOMException("no service", "AbortError"));

  await expect(notify(KEY, null)).rejects.toMatchObject({ code: "NoPushService" });
});

test("to remove this device ends its subscription, to remove another one does not", async () => {
  const { had } = browser("granted", "https://push.example/old");
  answers.push(
    () => json({ removed: true }),
    () => json({ removed: true }),
  );

  await forget("another");
  expect(had!.unsubscribe).not.toHaveBeenCalled();
  await forget(deviceId());
  expect(had!.unsubscribe).toHaveBeenCalled();
});

test("a new subscription of the browser replaces the one that is known", async () => {
  browser("granted", "https://push.example/changed");
  answers.push(() => json({}));
  const known = (endpoint: string) => [
    { deviceId: deviceId(), endpoint, quietHours: { from: "22:00", until: "07:00" } },
  ];

  await renew(known("https://push.example/changed"));
  expect(requests).toEqual([]);
  await renew(known("https://push.example/before"));
  expect(await requests[0]!.json()).toMatchObject({
    subscription: { endpoint: "https://push.example/changed" },
    quietHours: { from: "22:00" },
  });
});
