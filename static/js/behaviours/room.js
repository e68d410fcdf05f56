// A room in real time. The log is asked for by number; the socket only rings, and where there is none the same address is polled.
import { memory, openOutbox } from "../room/outbox.js";
import { begin, isBehind, receive } from "../room/reducer.js";
import { ask, post, tell } from "../room/wire.js";
import { startComposer } from "../room/composer.js";
import { startLog } from "../room/log.js";
import { startPeople } from "../room/people.js";

const POLL = 4000;
const AGAIN = 1000;
const TYPING_EVERY = 3000;

// What this browser kept before the room went under TLP:RED.
function moveOver(storage, keys) {
  for (const key of keys) {
    if (localStorage.getItem(key) !== null) storage.setItem(key, localStorage.getItem(key));
    localStorage.removeItem(key);
  }
}

export function start(section) {
  const { room, red, last } = section.dataset;
  const me = document.body.dataset.member;
  const address = `/rooms/${room}`;
  const key = `outbox:${me}:${room}`;
  const storage = red ? memory() : localStorage;
  if (red) moveOver(storage, [key, `${key}:words`]);
  const unsent = section.querySelector("[data-unsent-list]");
  const announce = section.querySelector("[data-announce]");
  const line = section.querySelector("[data-line]");
  const hint = section.querySelector("[data-hint]");
  const log = startLog(section, me);
  const people = startPeople(section, me);
  let state = begin(Number(last));
  let over = false;
  let asking = false;
  let socket = null;
  let typed = 0;

  const outbox = openOutbox({
    key, storage,
    post: (item) => post(`${address}/entries`, item),
    changed: showUnsent,
    sent: (_item, seq) => take({ head: seq }),
    refused: (item, why, status) => {
      if (status === 404) return leave();
      if (composer.giveBack(item, why)) outbox.drop(item.id);
    },
    signedOut: () => say(section.dataset.signedOut),
  });
  const composer = startComposer(section, { me, room, storage, key, outbox, say, typing });

  function say(words) {
    if (line.textContent !== words) line.textContent = words; // it is read out when it changes
  }

  function take(message) {
    const { state: next, changes } = receive(state, message);
    state = next;
    const fresh = log.apply(changes).filter((one) => one.dataset.author !== me);
    const mine = new Set(changes.map((entry) => entry.client_id));
    outbox.items().filter((item) => mine.has(item.id)).forEach((item) => outbox.drop(item.id)); // stored, though the answer was lost
    const speaker = fresh.length === 1 && fresh[0].querySelector(".who b")?.textContent;
    if (fresh.length) announce.textContent = speaker ? section.dataset.one.replace("%s", speaker) : section.dataset.many.replace("%n", fresh.length);
    if (changes.length) noteRead();
    if (changes.some((entry) => entry.kind === "terms") && !red) termsMayBeOthers();
    if (isBehind(state)) catchUp();
  }

  // Under other terms this browser may keep nothing any more: the page as it is now knows.
  async function termsMayBeOthers() {
    const page = await fetch(address, { headers: { "X-Aside": "1" } }).then((answer) => answer.text()).catch(() => "");
    const now = new DOMParser().parseFromString(page, "text/html").querySelector("[data-behaviour=room]");
    if (now?.dataset.red) location.reload();
  }

  async function catchUp() {
    if (asking || over) return;
    asking = true;
    const after = state.last;
    const answer = await ask(`${address}/entries?after=${after}`);
    asking = false;
    if (answer?.status === 404) return leave();
    if (answer?.status === 401) return say(section.dataset.signedOut);
    if (!answer?.entries) return void setTimeout(() => isBehind(state) && catchUp(), AGAIN);
    take({ page: { ...answer, after } });
  }

  // What was said goes from the page, and what was not sent from the browser; own words stay in their field until the page is left.
  function leave() {
    over = true;
    socket?.disconnect();
    const form = section.querySelector(".composer");
    if (form?.elements.body.value) form.elements.body.readOnly = true;
    else form?.remove();
    form?.querySelectorAll("button, select").forEach((control) => { control.disabled = true; });
    section.querySelector("[data-log]").replaceChildren();
    storage.removeItem(key);
    storage.removeItem(`${key}:words`);
    unsent.hidden = true;
    say(section.dataset.over);
  }

  function showUnsent(items) {
    unsent.replaceChildren(...items.map(unsentLine));
    unsent.hidden = items.length === 0;
  }

  function unsentLine(item) {
    const body = new Map(item.fields).get("body") ?? `${item.kind} ${item.target}`;
    const shown = Object.assign(document.createElement("li"), { className: "entry m", id: `unsent-${item.id}` });
    const words = Object.assign(document.createElement("p"), { className: "prose", dir: "auto", textContent: body });
    const now = Object.assign(document.createElement("p"), { className: "reads", textContent: item.why === undefined ? section.dataset.sending : `${section.dataset.unsent}: ${item.why}` });
    shown.append(words, now);
    if (item.why !== undefined || !navigator.onLine || outbox.isLate()) {
      const copy = red ? [] : [[section.dataset.copy, () => navigator.clipboard?.writeText(body)]];
      const buttons = [[section.dataset.again, () => outbox.again(item.id)], ...copy, [section.dataset.discard, () => outbox.drop(item.id)]];
      now.append(...buttons.flatMap(([label, act]) => {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "btn slim", textContent: label });
        button.addEventListener("click", act);
        return [" ", button];
      }));
    }
    return shown;
  }

  function typing() {
    if (!section.dataset.typing || !socket?.connected || Date.now() - typed < TYPING_EVERY) return;
    typed = Date.now();
    socket.emit("typing", { room });
  }

  let reading = 0;
  function noteRead() {
    clearTimeout(reading);
    reading = setTimeout(() => {
      if (!document.hidden && log.atEnd() && !over) tell(`${address}/read`, { upto: state.last });
    }, AGAIN);
  }

  function hears(message) {
    if (message.room !== room) return;
    if (message.here) people.show(message.here);
    if (message.writing && hint) hint.textContent = people.writing(message.writing);
    take({ head: message.head });
  }

  function join() {
    socket.emit("join", { room, after: state.last }, (answer) => {
      if (answer?.error === 401) return say(section.dataset.signedOut);
      if (answer?.error) return leave();
      say("");
      take({ head: answer.head });
      outbox.now();
    });
    socket.emit("join", { user: Number(me) });
    dispatchEvent(new Event("inbox"));
  }

  async function poll() {
    if (over || document.hidden || socket?.connected) return;
    if (line.textContent !== section.dataset.signedOut) say(navigator.onLine ? section.dataset.polled : section.dataset.offline);
    await catchUp();
    const there = await ask(`${address}/here`);
    if (there?.here) people.show(there.here);
    if (there) socket?.connect(); // the hub answers: perhaps a socket is to be had again
  }

  section.querySelector("[data-earlier]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const link = event.currentTarget;
    for (let before = log.first(), added = 0; !added; ) {
      const answer = await ask(`${address}/entries?before=${before}`);
      if (!answer?.entries) return;
      added = log.prepend(answer.entries);
      before = answer.entries[0]?.seq ?? 1;
      if (answer.more) continue;
      log.lines()[0]?.focus({ preventScroll: true });
      return link.parentElement.remove();
    }
  });

  import("../../vendor/socket.io.esm.min.js").then(({ io }) => {
    socket = io({ transports: ["websocket"], reconnectionDelay: AGAIN, reconnectionDelayMax: 8000 });
    socket.on("connect", join);
    socket.on("entry", (entry) => entry.room === room && take({ entry }));
    socket.on("head", hears);
    socket.on("resub", (message) => message.room === room && join());
    socket.on("bye", (message) => message.room === room && join()); // the answer says whether this is the end
    socket.on("inbox", () => dispatchEvent(new Event("inbox")));
    socket.on("disconnect", poll);
  }, () => {});
  setInterval(poll, POLL);
  addEventListener("storage", (event) => { if (event.key === key) showUnsent(outbox.items()); }); // of another window
  addEventListener("online", () => { outbox.now(); poll(); });
  addEventListener("offline", () => { say(section.dataset.offline); showUnsent(outbox.items()); });
  addEventListener("visibilitychange", () => { if (!document.hidden) { noteRead(); poll(); } });
  addEventListener("scroll", noteRead, { passive: true });
  addEventListener("pagehide", () => socket?.disconnect());
  addEventListener("pageshow", (event) => { if (event.persisted) { socket?.connect(); catchUp(); } });
  showUnsent(outbox.items());
  outbox.now();
  noteRead();
}
