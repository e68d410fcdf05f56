// Says that others have answered while one reads; it never moves what is being read.
const POLL = 8000;
const REST = 60000; // a page in the background lets its socket go

export function start(bar) {
  const { thread, last } = bar.dataset;
  const link = bar.querySelector("a");
  let socket = null; // without its client, on a bad line, the page goes on asking
  let resting = 0;
  let known = Number(last);
  const asked = new Set();

  // Whether the session still lasts: only then is a socket worth a try.
  async function ask() {
    const answer = await fetch(`/threads/${thread}/news?after=${last}`, { redirect: "manual" }).then((answer) => answer.ok ? answer.json() : { status: answer.status }).catch(() => ({}));
    if (answer.status === 404) await over();
    if (!answer.nums) return false;
    const { nums, gone } = answer;
    const stale = (post) => !asked.has(post.id) && gone.includes(Number(post.id.slice(5))) !== post.matches(".gone, [data-hidden]");
    if ([...document.querySelectorAll(".tree > article")].some(stale)) await swap(stale);
    const count = nums.length;
    bar.hidden = count === 0;
    if (count) link.textContent = count === 1 ? bar.dataset.one : bar.dataset.many.replace("%n", count < 100 ? count : "100+");
    return true;
  }

  // What was hidden, shown again or redacted is taken from the page as it is now; with its opening the whole thread goes.
  async function swap(stale) {
    const answer = await fetch(location.href, { headers: { "X-Aside": "1" } }).catch(() => null); // what else it shows was not read
    if (!answer || ![200, 404].includes(answer.status)) return false;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status === 404) {
      document.title = now.title;
      document.querySelector(".opening").replaceWith(now.querySelector(".opening"));
      document.querySelector(".tree").replaceChildren();
      document.querySelector(".sheet > .rail")?.remove();
    }
    for (const post of [...document.querySelectorAll(".tree > article")].filter(stale)) {
      const fresh = now.getElementById(post.id);
      if (fresh) post.replaceWith(fresh);
      else asked.add(post.id); // it stands on another page by now
    }
    return true;
  }

  // The thread is gone, and stays so: nothing more is asked.
  async function over() {
    if (!(await swap(() => true))) return;
    clearInterval(polling);
    polling = 0;
    socket?.disconnect();
  }

  async function look() {
    if (polling && !document.hidden && !socket?.connected && (await ask())) socket?.connect();
  }

  let polling = setInterval(look, POLL);
  import("../../vendor/socket.io.esm.min.js").then(({ io }) => {
    socket = io({ transports: ["websocket"], autoConnect: false, reconnection: false });
    socket.on("connect", () => {
      socket.emit("join", { thread: Number(thread) }, ask);
      socket.emit("join", { user: Number(document.body.dataset.member) });
      dispatchEvent(new Event("inbox"));
    });
    socket.on("inbox", () => dispatchEvent(new Event("inbox")));
    socket.on("post", ask);
    socket.on("head", ({ thread: heard, num }) => { // the beacon: a push may have been lost
      if (heard !== Number(thread) || num <= known) return;
      known = num;
      ask();
    });
    socket.on("removed", ask);
    socket.on("redacted", ({ num }) => swap((post) => post.id === `post-${num}`));
    look();
  }, () => {});
  addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(() => socket?.disconnect(), REST);
    else look();
  });
  addEventListener("pagehide", () => socket?.disconnect());
  addEventListener("pageshow", look);
}
