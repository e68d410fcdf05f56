// The form of a room: what one writes, about which entry, and what the safeguard stopped.
const OWN_FOR = 10 * 60 * 1000; // milliseconds in which one changes what one said

export function startComposer(section, { me, room, storage, key, outbox, log, typing }) {
  const form = section.querySelector(".composer");
  const act = section.querySelector("#act");
  const box = form?.elements.body;
  const mode = form?.querySelector("[data-mode]");
  const alarm = form?.querySelector("[data-refused]");
  const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${String(Math.random()).slice(2)}`;
  const words = `${key}:words`;

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
    box.value = "";
    storage.removeItem(words);
    form.querySelector("[data-passages]").replaceChildren();
    alarm.hidden = true;
    turnTo("message", "", "");
  }

  // What was not stored comes back where it was written, unless something else stands there by now.
  function giveBack(item, why) {
    alarm.hidden = false;
    alarm.replaceChildren(Object.assign(document.createElement("b"), { textContent: section.dataset.stopped }), ` ${why}`);
    const body = new Map(item.fields).get("body");
    if (!body || (box.value && box.value !== body)) return false;
    turnTo(item.kind, item.target, item.kind === "edit" ? section.dataset.editOf : item.kind === "translation" ? section.dataset.translationOf : section.dataset.replyTo);
    box.value = body;
    box.dispatchEvent(new Event("input", { bubbles: true })); // the safeguard says which passages
    alarm.scrollIntoView({ block: "nearest" });
    return true;
  }

  async function wordsOf(seq) {
    const page = await fetch(`/rooms/${room}?edit=${seq}`, { headers: { "X-Aside": "1" } }).then((answer) => answer.text()).catch(() => "");
    return new DOMParser().parseFromString(page, "text/html").getElementById("body")?.value ?? "";
  }

  const doings = {
    reply: (seq) => turnTo("message", seq, section.dataset.replyTo),
    translation: (seq) => turnTo("translation", seq, section.dataset.translationOf),
    edit: async (seq) => {
      const written = await wordsOf(seq);
      if (box.value && box.value !== written) await navigator.clipboard?.writeText(box.value).catch(() => {});
      turnTo("edit", seq, section.dataset.editOf);
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
    for (const button of menu.querySelectorAll("button")) button.value = `${button.dataset.do}:${line.dataset.seq}`;
    line.append(menu);
    menu.querySelector("a, button").focus();
  }

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-reply], a[data-on], a.no, .more a, [data-cancel]");
    if (!link || !form || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.matches("[data-cancel]")) return clear();
    if (link.matches("[data-on], .no")) return showMore(link);
    const seq = link.dataset.reply ?? link.closest(".entry, #on").dataset.seq;
    const doing = link.dataset.do ?? "reply";
    link.closest(".more")?.remove();
    doings[doing](seq);
  });

  act.addEventListener("submit", (event) => {
    const [kind, target] = (event.submitter?.value ?? "").split(":");
    if (!target) return;
    event.preventDefault();
    event.submitter.closest(".more")?.remove();
    outbox.add(fieldsOf(kind, target));
  });

  if (!form) return { giveBack: () => false };

  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "apply") return; // the hub changes the words as decided, and shows them again
    event.preventDefault();
    if (!box.value.trim()) return;
    const { kind, target } = form.elements;
    const more = [...new FormData(form)].filter(([name]) => !["csrf_token", "client_id", "kind", "target"].includes(name));
    outbox.add(fieldsOf(kind.value, target.value, more));
    clear();
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !mode.hidden) clear();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    form.requestSubmit();
  });

  box.addEventListener("input", () => {
    storage.setItem(words, JSON.stringify([{ words: box.value, at: Date.now() }]));
    typing();
  });

  const [kept] = JSON.parse(storage.getItem(words) ?? "[]");
  if (kept?.words && !box.value) box.value = kept.words;
  addEventListener("beforeunload", (event) => {
    if (section.dataset.red && (box.value.trim() || outbox.items().length)) event.preventDefault(); // this browser keeps nothing of it
  });
  return { giveBack };
}
