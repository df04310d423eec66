/* Notifications, in the service worker: what a device is sent while no page of the app is looked at. */

self.addEventListener("push", (event) => {
  const sent = event.data?.json();
  if (sent) event.waitUntil(show(sent));
});

/** Whoever looks at the app sees it there. The tag makes one of what is sent twice. */
async function show(sent) {
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.some((page) => page.visibilityState === "visible")) return;
  await self.registration.showNotification(sent.title, {
    body: sent.body,
    tag: sent.tag,
    icon: "icon.svg",
    data: placeOf(sent),
  });
}

/** The view that a notification leads to: its room, the title that can be streamed, or the invitations. */
function placeOf({ kind, roomId, mediaType, movieId }) {
  if (kind === "AVAILABLE") return `titles/${mediaType === "TV" ? "tv" : "movie"}/${movieId}`;
  return kind === "INVITATION" ? "rooms" : `rooms/${roomId}`;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(new URL(event.notification.data, self.registration.scope).href));
});

/** In the page that is open, or in a new one. */
async function open(address) {
  const [page] = await self.clients.matchAll({ type: "window" });
  if (!page) return self.clients.openWindow(address);
  await page.navigate(address);
  await page.focus();
}
