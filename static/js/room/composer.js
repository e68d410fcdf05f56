// The form of a room: what one writes, about which entry, and what the safeguard stopped.
import { read } from "./outbox.js";

const OWN_FOR = 10 * 60 * 1000; // milliseconds in which one changes what one said

export function startComposer(section, { me, room, storage, key, outbox, say, typing }) {
  const form = section.querySelector(".composer");
  const act = section.querySelector("#act");
  const box = form?.elements.body;
  const mode = form?.querySelector("[data-mode]");
  const alarm = form?.querySelector("[data-refused]");
  const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${String(Math.random()).slice(2)}`;
  const words = `${key}:words`;
  let aside = ""; // what one was writing before an edit took the field

  const fieldsOf = (kind, target, more = []) => {
    const id = newId();
    return { id, kind, target, fields: [["client_id", id], ["kind", kind], ["target", target], ...more] };
  };

  function turnTo(kind, target, saying) {
    form.elements.kind.value = kind;
    form.elements.target.value = target;
    mode.hidden = !target;
    mode.querySelector("span").textContent = target ? saying.replace("%n", target) : "";
    box.focus();
  }

  function clear() {
    box.value = aside;
    aside = "";
    form.querySelector("[data-passages]").replaceChildren();
    alarm.hidden = true;
    turnTo("message", "", "");
    keepWords();
  }

  // Back to a plain message; only the words of an edit go, for they stand in the log.
  function cancel() {
    if (form.elements.kind.value === "edit") return clear();
    turnTo("message", "", "");
    keepWords();
  }

  function keepWords() {
    const { kind, target } = form.elements;
    if (box.value) storage.setItem(words, JSON.stringify([{ words: box.value, kind: kind.value, target: target.value, at: Date.now() }]));
    else storage.removeItem(words);
  }

  const sayings = { edit: section.dataset.editOf, translation: section.dataset.translationOf, message: section.dataset.replyTo };

  // What was not stored comes back where it was written, unless something else stands there by now.
  function giveBack(item, why) {
    alarm.hidden = false;
    alarm.replaceChildren(Object.assign(document.createElement("b"), { textContent: section.dataset.stopped }), ` ${why}`);
    const body = new Map(item.fields).get("body");
    if (!body || (box.value && box.value !== body)) return false;
    turnTo(item.kind, item.target, sayings[item.kind]);
    box.value = body;
    box.dispatchEvent(new Event("input", { bubbles: true })); // the safeguard says which passages
    alarm.scrollIntoView({ block: "nearest" });
    return true;
  }

  async function wordsOf(seq) {
    const page = await fetch(`/rooms/${room}?edit=${seq}`, { headers: { "X-Aside": "1" } }).then((answer) => (answer.ok ? answer.text() : "")).catch(() => "");
    return new DOMParser().parseFromString(page, "text/html").getElementById("body")?.value || null;
  }

  const doings = {
    reply: (seq) => turnTo("message", seq, sayings.message),
    translation: (seq) => turnTo("translation", seq, sayings.translation),
    edit: async (seq) => {
      const written = await wordsOf(seq);
      if (written === null) return say(section.dataset.noEdit);
      if (form.elements.kind.value !== "edit") aside = box.value;
      turnTo("edit", seq, sayings.edit);
      box.value = written;
    },
  };

  function showMore(link) {
    const line = link.closest(".entry");
    const there = line.querySelector(".more");
    if (there) return there.remove();
    const menu = document.importNode(section.querySelector("#more").content, true).querySelector(".more");
    const mine = line.dataset.author === me && Date.now() - Date.parse(line.dataset.at) < OWN_FOR;
    menu.querySelectorAll("[data-own]").forEach((part) => { if (!mine) part.remove(); });
    const { seq, mark } = line.dataset;
    for (const button of menu.querySelectorAll("button[data-do]")) button.value = `${button.dataset.do}:${seq}`;
    for (const link of menu.querySelectorAll("a[data-go]")) link.href = link.getAttribute("href").replace(/0(?=#|$)/, seq);
    const unmark = menu.querySelector("[data-unmark]");
    if (mark) unmark.querySelector("button").value = `${mark}:${seq}:off`;
    else unmark.remove();
    line.append(menu);
    menu.querySelector("a, button").focus();
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-reply], a[data-on], .more a:not([data-go]), [data-cancel]");
    if (!link || !form || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.matches("[data-cancel]")) return cancel();
    if (link.matches("[data-on]")) return showMore(link);
    const seq = link.dataset.reply ?? link.closest(".entry, #on").dataset.seq;
    const doing = link.dataset.do ?? "reply";
    link.closest(".more")?.remove();
    doings[doing](seq);
  });

  act.addEventListener("submit", (event) => {
    const [kind, target, what] = (event.submitter?.value ?? "").split(":");
    if (!target) return;
    event.preventDefault();
    event.submitter.closest(".entry")?.focus({ preventScroll: true });
    event.submitter.closest(".more")?.remove();
    outbox.add(fieldsOf(kind, target, what === "off" ? [["what", what]] : []));
  });

  if (!form) return { giveBack: () => false };

  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "apply") return; // the hub changes the words as decided, and shows them again
    event.preventDefault();
    if (!box.value.trim()) return;
    const { kind, target } = form.elements;
    const more = [...new FormData(form)].filter(([name]) => !["csrf_token", "client_id", "kind", "target"].includes(name));
    outbox.add(fieldsOf(kind.value, target.value, more));
    box.value = "";
    clear();
  });

  box.addEventListener("keydown", (event) => {
    if (document.getElementById("handles")?.hidden === false) return; // the key chooses a handle
    if (event.key === "Escape" && !mode.hidden) cancel();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    form.requestSubmit();
  });

  box.addEventListener("input", () => {
    keepWords();
    typing();
  });

  const [kept] = read(storage, words);
  if (kept?.words && !box.value) {
    box.value = kept.words;
    if (kept.target) turnTo(kept.kind, kept.target, sayings[kept.kind]);
    if (kept.target) document.activeElement.blur(); // the page was only opened
  }
  addEventListener("beforeunload", (event) => {
    if (section.dataset.red && (box.value.trim() || outbox.items().length)) event.preventDefault(); // this browser keeps nothing of it
  });
  return { giveBack };
}
