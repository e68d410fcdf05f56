// An open page of minutes hears that another version was saved. What one types stays as it is.
import { ask } from "../room/wire.js";

const POLL = 15000;

export function start(sheet) {
  const { room, version, told } = sheet.dataset;
  const note = sheet.querySelector("[data-newer]");
  let socket = null;
  let head = 0;

  function hears(newest) {
    if (!(newest > Number(version))) return;
    note.querySelector("span").textContent = told.replace("%n", newest);
    note.hidden = false;
  }

  // The log went on: perhaps by a version.
  function goesTo(seq) {
    if (!(seq > head)) return;
    head = seq;
    look();
  }

  async function look() {
    if (document.hidden) return;
    const answer = await ask(`${location.pathname.replace(/\/edit$/, "")}/newest`);
    if (answer?.version) hears(answer.version);
  }

  import("../../vendor/socket.io.esm.min.js").then(({ io }) => {
    socket = io({ transports: ["websocket"], reconnectionDelay: 1000, reconnectionDelayMax: 8000 });
    const join = () => socket.emit("join", { room, after: 0 }, look);
    socket.on("connect", join);
    socket.on("resub", join);
    socket.on("entry", (entry) => entry.room === room && goesTo(entry.seq));
    socket.on("head", (message) => message.room === room && goesTo(message.head));
  }, () => {});
  setInterval(() => { if (!socket?.connected) look(); }, POLL);
  addEventListener("pagehide", () => socket?.disconnect());
}
