import { afterEach, expect, test, vi } from "vitest";
import { answers, json, requests } from "./setup";

const token = (sub: string, secondsLeft: number) =>
  `h.${btoa(JSON.stringify({ sub, exp: Date.now() / 1000 + secondsLeft }))}.s`;
const tokens = (secondsLeft: number) => ({
  AccessToken: token("ann", secondsLeft),
  RefreshToken: "refresh",
});

/** The module as a page that is opened finds it. */
async function opened() {
  vi.resetModules();
  return import("../src/session");
}

afterEach(() => {
  localStorage.clear();
  answers.length = 0;
  requests.length = 0;
});

test("a session outlives the page", async () => {
  answers.push(() => json(tokens(3600)));
  await (await opened()).signIn("ann@example.com", "secret");

  expect((await opened()).userId.value).toBe("ann");
});

test("a token that ends soon is renewed once, whoever asks", async () => {
  answers.push(
    () => json(tokens(10)),
    () => json(tokens(3600)),
  );
  const session = await opened();
  await session.signIn("ann@example.com", "secret");

  const [one, other] = await Promise.all([session.accessToken(), session.accessToken()]);

  expect(one).toBe(other);
  expect(session.claims(one!).exp).toBeGreaterThan(Date.now() / 1000 + 3000);
  expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
    "/auth/signin",
    "/auth/refresh",
  ]);
});

test.each([
  [401, null],
  [503, "ann"],
])("a renewal that is answered %i leaves %s signed in", async (status, user) => {
  answers.push(
    () => json(tokens(10)),
    () => json({ code: "No", detail: "no" }, status),
  );
  const session = await opened();
  await session.signIn("ann@example.com", "secret");

  await session.accessToken().catch(() => undefined);

  expect(session.userId.value).toBe(user);
});

test("a refusal says why, and nobody is signed in", async () => {
  answers.push(() => json({ code: "InvalidCredentials", detail: "Wrong password." }, 401));
  const session = await opened();

  await expect(session.signIn("ann@example.com", "wrong")).rejects.toMatchObject({
    code: "InvalidCredentials",
    message: "Wrong password.",
  });
  expect(session.userId.value).toBe(null);
});

test("signing out forgets the tokens, with the network or without", async () => {
  answers.push(
    () => json(tokens(3600)),
    () => Promise.reject(new TypeError("offline")),
  );
  const session = await opened();
  await session.signIn("ann@example.com", "secret");

  await session.signOut();

  expect(session.userId.value).toBe(null);
  expect(localStorage.getItem("matinee.session")).toBe(null);
});

const guest = () => {
  const payload = { sub: "cleo", exp: Date.now() / 1000 + 3600, "cognito:groups": ["Guests"] };
  return { AccessToken: `h.${btoa(JSON.stringify(payload))}.s`, RefreshToken: "refresh" };
};

test("a guest is somebody, with a room and without lists", async () => {
  answers.push(() => json(guest()));
  const session = await opened();
  await session.comeIn("AB12CD", "Cleo");

  expect(session.userId.value).toBe("cleo");
  expect(session.isGuest.value).toBe(true);
  expect(session.memberId.value).toBeNull();
});

test.each([
  [true, "ann"],
  [false, null],
])("a guest who asks for an account has one only if upgraded is %s", async (upgraded, member) => {
  answers.push(
    () => json(guest()),
    () => json({ message: "", email: "", upgraded }),
    () => json(tokens(3600)),
  );
  const session = await opened();
  await session.comeIn("AB12CD", "Cleo");

  expect(await session.upgrade("cleo@example.com", "secret")).toBe(upgraded);
  expect(session.memberId.value).toBe(member);
});
