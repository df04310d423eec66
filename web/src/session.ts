/** Who is signed in. Tokens are kept in this browser, renewed before they end, and forgotten at sign-out. */

import { computed, effect, signal } from "@preact/signals";
import { config } from "./config";
import { Refusal } from "./refusal";

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

export interface Claims {
  /** The user's id. */
  sub: string;
  /** Seconds since the epoch. */
  exp: number;
  username?: string;
  "cognito:groups"?: string[];
}

const KEY = "matinee.session";
const RENEW_SECONDS_BEFORE = 60;

const tokens = signal<Tokens | null>(JSON.parse(localStorage.getItem(KEY) ?? "null"));
effect(() =>
  tokens.value
    ? localStorage.setItem(KEY, JSON.stringify(tokens.value))
    : localStorage.removeItem(KEY),
);
// Another tab of this page has signed in, out, or renewed the tokens.
addEventListener("storage", (event) => {
  if (event.key === KEY) tokens.value = JSON.parse(event.newValue ?? "null");
});

/** Return what a JSON Web Token says; its signature is the server's to check. */
export function claims(token: string): Claims {
  const payload = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
    char.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}

const claimed = computed(() => (tokens.value ? claims(tokens.value.accessToken) : null));

/** The id of whoever is signed in, a guest too; null when nobody is. */
export const userId = computed(() => claimed.value?.sub ?? null);

/** Whether it is a guest, who has one room and nothing else. */
export const isGuest = computed(
  () => claimed.value?.["cognito:groups"]?.includes("Guests") ?? false,
);

/** The id of whoever has an account, with lists and preferences; null for guests. */
export const memberId = computed(() => (isGuest.value ? null : userId.value));

async function post(
  path: string,
  body: object,
  token?: string | null,
): Promise<Record<string, string>> {
  const answer = await fetch(`${config.restUrl}${path}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok)
    throw new Refusal(
      content.code ?? "Unknown",
      content.detail ?? "",
      answer.status,
      content.fields,
    );
  return content;
}

const keep = (answer: Record<string, string>) => {
  tokens.value = { accessToken: answer.AccessToken!, refreshToken: answer.RefreshToken! };
};

export async function signIn(email: string, password: string): Promise<void> {
  keep(await post("/auth/signin", { email, password }));
}

/** Come into one room as a guest, by its code; the guest joins it as everybody does. */
export async function comeIn(code: string, name: string): Promise<void> {
  keep(await post("/auth/guests", { code, name }));
}

/** Ask for an account of the guest's own: where addresses are verified, a code is on its way. */
export async function upgrade(email: string, password: string): Promise<boolean> {
  return becomeUser({ email, password });
}

/** Make a user of the guest by the code that was mailed. */
export async function confirmUpgrade(code: string): Promise<boolean> {
  return becomeUser({ code });
}

/** Return whether the guest is a user now; the tokens of one are here then. */
async function becomeUser(body: object): Promise<boolean> {
  const { upgraded } = await post("/auth/guests/upgrade", body, await accessToken());
  if (upgraded && tokens.value) await renew(tokens.value.refreshToken);
  return Boolean(upgraded);
}

/** Create an account. Where addresses are verified, a code is on its way, and `confirm` is next. */
export async function signUp(
  email: string,
  password: string,
  username: string | null,
): Promise<void> {
  await post("/auth/signup", { email, password, ...(username ? { username } : {}) });
}

export async function confirm(email: string, code: string): Promise<void> {
  await post("/auth/signup", { email, code });
}

export const resendCode = (email: string) => post("/auth/resend-code", { email });
export const forgotPassword = (email: string) => post("/auth/forgot-password", { email });
export const resetPassword = (email: string, code: string, newPassword: string) =>
  post("/auth/reset-password", { email, code, newPassword });

/** Forget the tokens here, after the pool has revoked them; without the network they are forgotten, too. */
export async function signOut(): Promise<void> {
  const token = tokens.value?.accessToken;
  tokens.value = null;
  if (!token) return;
  await fetch(`${config.restUrl}/auth/signout`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
  }).catch(() => undefined);
}

let renewal: Promise<void> | null = null;

/** Return a token that is valid for a while yet, or null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (!tokens.value) return null;
  if (claims(tokens.value.accessToken).exp - Date.now() / 1000 < RENEW_SECONDS_BEFORE) {
    renewal ??= renew(tokens.value.refreshToken).finally(() => {
      renewal = null;
    });
    await renewal;
  }
  return tokens.value?.accessToken ?? null;
}

/** Renew the tokens; who is refused has been signed out elsewhere, or is gone. */
async function renew(refreshToken: string): Promise<void> {
  try {
    keep(await post("/auth/refresh", { refreshToken }));
  } catch (error) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403))
      tokens.value = null;
    else throw error;
  }
}
