// Keeps the number beside "Notifications" true while a page is open: asks now and then, and when a socket says so.
const POLL = 30000;

export function start(link) {
  const mark = link.querySelector("[data-count]");

  async function ask() {
    if (document.hidden) return;
    const answer = await fetch("/notifications/count", { redirect: "manual" }).then((answer) => answer.ok ? answer.json() : null).catch(() => null);
    if (!answer) return;
    const { unread } = answer;
    mark.hidden = unread === 0;
    mark.querySelector("b").textContent = unread > 99 ? "99+" : unread;
  }

  setInterval(ask, POLL);
  addEventListener("visibilitychange", ask);
  addEventListener("inbox", ask); // from a page that has a socket
}
