// Keeps an open page true: the number beside "Notifications", and lists without what is not there to be read any more.
// It asks now and then, and when a socket says so.
const POLL = 15000;
const MOST = 100;
const PLACE = /^\/threads\/(\d+)(?:[^/]*\/posts\/(\d+))?/;

export function start(link) {
  const mark = link.querySelector("[data-count]");

  // Threads and posts that this page lists, as "12" and "12/3", with their lines.
  function listed() {
    const titles = [...document.querySelectorAll("main .list .title[href], main .todo a[href]")].slice(0, MOST);
    const places = titles.map((title) => [PLACE.exec(title.getAttribute("href"))?.slice(1).filter(Boolean).join("/"), title.closest("li")]);
    return new Map(places.filter(([place]) => place));
  }

  async function ask() {
    if (document.hidden) return;
    const lines = listed();
    const answer = await fetch(`/notifications/count?listed=${[...lines.keys()].join(",")}`, { redirect: "manual" }).then((answer) => answer.ok ? answer.json() : null).catch(() => null);
    if (!answer) return;
    const { unread, gone = [] } = answer;
    mark.hidden = unread === 0;
    mark.querySelector("b").textContent = unread > 99 ? "99+" : unread;
    for (const place of gone) lines.get(place)?.remove();
  }

  setInterval(ask, POLL);
  addEventListener("visibilitychange", ask);
  addEventListener("inbox", ask); // from a page that has a socket
}
