/** Notifications of this device: the browser's subscription, and what the product knows of it. */

import { content, rest } from "./api/rest";
import { language, t } from "./language";
import { Refusal } from "./refusal";

const KEY = "matinee.device";

/** The id of this browser among the user's devices; it is chosen here, and kept. */
export function deviceId(): string {
  const kept = localStorage.getItem(KEY) ?? crypto.randomUUID();
  localStorage.setItem(KEY, kept);
  return kept;
}

export const supported = () =>
  "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

export interface Quiet {
  from: string;
  until: string;
}

/** Register this browser's subscription, or its change. */
async function register(subscription: PushSubscription, quiet: Quiet | null): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  await content(
    rest.PUT("/user/devices/{deviceId}", {
      params: { path: { deviceId: deviceId() } },
      body: {
        subscription: {
          endpoint: endpoint!,
          keys: { p256dh: keys!.p256dh!, auth: keys!.auth! },
        },
        quietHours: quiet && { ...quiet, timeZone },
        language: language.peek(),
      },
    }),
  );
}

/** Ask the person, subscribe with the product's key, and register. Returns whether they allow it. */
export async function notify(applicationServerKey: string, quiet: Quiet | null): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const worker = await navigator.serviceWorker.ready;
  const subscribed = await worker.pushManager.getSubscription();
  // Another product was here at the same address, or its key is a new one.
  if (subscribed && keyOf(subscribed) !== applicationServerKey) await subscribed.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey };
  const subscription = await worker.pushManager.subscribe(options).catch((error: unknown) => {
    throw new Refusal("NoPushService", t("notifyFailed"), 0, {}, { cause: error });
  });
  await register(subscription, quiet);
  return true;
}

function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Remove a device; this one's subscription ends with it. */
export async function forget(id: string): Promise<void> {
  await content(rest.DELETE("/user/devices/{deviceId}", { params: { path: { deviceId: id } } }));
  if (id === deviceId()) await (await current())?.unsubscribe();
}

/** Whoever signs out here is told nothing more here. */
export async function forgetHere(): Promise<void> {
  if (await current()) await forget(deviceId());
}

/** This browser's subscription, if there is one. */
async function current(): Promise<PushSubscription | null> {
  if (!supported()) return null;
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) ?? null;
}

/** Where a browser has been given a new subscription, it is registered in place of the old one. */
export async function renew(
  known: readonly { deviceId: string; endpoint: string; quietHours?: Quiet | null }[],
): Promise<void> {
  const mine = known.find((one) => one.deviceId === deviceId());
  const subscription = mine && (await current());
  if (!subscription || subscription.endpoint === mine.endpoint) return;
  const { from, until } = mine.quietHours ?? {};
  await register(subscription, from && until ? { from, until } : null);
}
