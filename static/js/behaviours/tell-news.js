// Says that others have answered while one reads; it never moves what is being read.
const POLL = 8000;
const REST = 60000; // a page in the background lets its socket go

export function start(bar) {
  const { thread, last } = bar.dataset;
  const link = bar.querySelector("a");
  let socket = null; // without its client, on a bad line, the page goes on asking
  let resting = 0;

  // Whether the session still lasts: only then is a socket worth a try.
  async function ask() {
    const answer = await fetch(`/threads/${thread}/news?after=${last}`, { redirect: "manual" }).then((answer) => answer.ok ? answer.json() : null).catch(() => null);
    if (!answer) return false;
    const { nums } = answer;
    const count = nums.length;
    bar.hidden = count === 0;
    if (count) link.textContent = count === 1 ? bar.dataset.one : bar.dataset.many.replace("%n", count < 100 ? count : "100+");
    return true;
  }

  async function look() {
    if (!document.hidden && !socket?.connected && (await ask())) socket?.connect();
  }

  import("../../vendor/socket.io.esm.min.js").then(({ io }) => {
    socket = io({ transports: ["websocket"], autoConnect: false, reconnection: false });
    socket.on("connect", () => {
      socket.emit("join", { thread: Number(thread) }, ask);
      socket.emit("join", { user: Number(document.body.dataset.member) });
      dispatchEvent(new Event("inbox"));
    });
    socket.on("inbox", () => dispatchEvent(new Event("inbox")));
    socket.on("post", ask);
    socket.on("removed", ask);
    look();
  }, () => {});
  setInterval(look, POLL);
  addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(() => socket?.disconnect(), REST);
    else look();
  });
  addEventListener("pagehide", () => socket?.disconnect());
  addEventListener("pageshow", look);
}
