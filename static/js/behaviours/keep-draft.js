// Saves what is typed while one types: on the server, and in this browser until the server has taken it.
import { forget, forgetHere, keep, left, newId, send } from "../kept.js";

const PAUSE = 1500;
const RETRY = 4000;
const asServed = (form) => {
  const served = form.cloneNode(true);
  served.reset();
  return served;
};
const NOT_TYPED = ["csrf_token", "seq", "preview", "save_id", "tried"];

export function start(form) {
  const { draft: address, place } = form.dataset;
  const status = form.querySelector("[data-kept]");
  const button = form.querySelector("[data-keep]");
  const typed = (of = form) => [...new FormData(of)].filter(([name, value]) => !NOT_TYPED.includes(name) && !name.startsWith("passage-") && typeof value === "string");
  const now = (of = form) => JSON.stringify(typed(of).filter(([name]) => name !== "client_id"));
  let saved = now(asServed(form)); // what was typed before this began is not saved yet
  let tried = []; // saves whose outcome is unknown: when one of them landed, it was ours
  let waiting = 0;
  let sending = null;
  let stale = false;
  let leaving = false;
  let ready = false;

  takeUp().then(() => {
    ready = true;
    if (now() !== saved) later(PAUSE);
  });
  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("change", () => later(PAUSE));
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(waiting);
    sending?.abort();
    if (now() !== saved) keepHere(newId());
    form.elements.tried.value = tried.join(",");
  });
  button.addEventListener("click", (event) => {
    if (stale) return; // the page that follows shows both texts
    event.preventDefault();
    save(true);
  });
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("online", () => later(0));
  addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("beforeunload", (event) => {
    if (!leaving && now() !== saved && !keepHere(newId())) event.preventDefault();
  });

  function say(words) {
    if (status.textContent !== words) status.textContent = words;
  }

  function later(pause) {
    clearTimeout(waiting);
    waiting = setTimeout(save, pause);
    if (ready && now() !== saved) keepHere("");
  }

  function keepHere(id) {
    return keep(place, { place, address, fields: typed(), seq: form.elements.seq.value, id, tried });
  }

  async function save(wanted = false) {
    if (!ready || leaving || sending || stale || (now() === saved && !wanted)) return;
    const state = now();
    const id = newId();
    const before = tried;
    tried = [...tried.slice(-9), id];
    keepHere(id);
    sending = new AbortController();
    const said = await send({ address, fields: typed(), seq: form.elements.seq.value, id, tried: before }, sending.signal);
    sending = null;
    if (leaving) return;
    answered(said, state);
  }

  function answered({ outcome, seq, words }, state) {
    if (outcome === "taken") {
      form.elements.seq.value = seq;
      saved = state;
      tried = [];
      if (now() === state) forgetHere(place);
      else later(PAUSE);
      say(words);
    } else if (outcome === "refused") {
      say(words);
    } else if (outcome === "stale" || outcome === "posted") {
      stale = true;
      say(form.dataset.stale);
    } else {
      say(outcome === "away" ? form.dataset.offline : form.dataset.signedOut);
      later(RETRY);
    }
  }

  // What this browser kept of this place: given to the server, and shown in the form.
  async function takeUp() {
    for (const copy of await left(place)) {
      if (copy.fields.some(([name, value]) => name === "client_id" && value === form.elements.client_id.value)) {
        forget(copy.key); // the server shows this very form again, as it goes on from there
        saved = "";
        continue;
      }
      const before = now();
      const id = newId();
      const said = await send({ ...copy, id, tried: [...copy.tried, copy.id] });
      if (said.outcome === "posted") {
        forget(copy.key);
      } else if (said.outcome === "stale") {
        offer(copy);
      } else if (before === saved && now() === saved) {
        fill(copy.fields);
        tried = [...copy.tried, copy.id, id];
        form.elements.seq.value = copy.seq;
        if (said.outcome === "taken") {
          form.elements.seq.value = said.seq;
          saved = now();
          tried = [];
          forget(copy.key);
        } else if (said.outcome !== "refused") {
          later(RETRY);
        }
        say(said.outcome === "refused" ? said.words : form.dataset.restored);
      }
    }
  }

  function fill(fields) {
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = fields.some(([name, value]) => name === box.name && value === box.value);
    for (const [name, value] of fields) {
      const field = form.elements[name];
      if (field instanceof RadioNodeList) field.value = value;
      else if (field?.matches("textarea, select, input:not([type=checkbox])")) field.value = value;
    }
    form.dispatchEvent(new Event("filled"));
  }

  function offer(copy) {
    const show = document.createElement("button");
    show.type = "button";
    show.className = "btn";
    show.textContent = form.dataset.show;
    show.addEventListener("click", () => {
      fill(copy.fields);
      forget(copy.key);
      show.remove();
      later(0);
    });
    say(form.dataset.stale);
    status.after(show);
  }
}
