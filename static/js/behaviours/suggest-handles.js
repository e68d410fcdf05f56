// Offers handles of members and organisations after an @ in a text.
const BEGUN = /(?:^|[^\w@/.-])@([a-z][\w.]{0,40})$/i;
const PAUSE = 150;

export function start(form) {
  const field = form.querySelector("textarea[name=body]");
  const list = document.createElement("ul");
  list.id = "handles";
  list.className = "handles";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.handles ?? "@");
  list.hidden = true;
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  let waiting = 0;
  let chosen = -1;

  const begun = () => BEGUN.exec(field.value.slice(Math.max(0, field.selectionStart - 60), field.selectionStart))?.[1] ?? "";

  function close() {
    list.hidden = true;
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
  }

  async function look() {
    const wanted = begun();
    if (!wanted) return close();
    const found = await fetch(`/suggestions?q=${encodeURIComponent(wanted)}`, { redirect: "manual" }).then((answer) => answer.ok ? answer.json() : []).catch(() => []);
    if (begun() !== wanted || document.activeElement !== field) return;
    list.replaceChildren(...found.map(option));
    if (found.length) list.hidden = false;
    else close();
  }

  function option({ handle, words }, index) {
    const item = document.createElement("li");
    item.id = `handle-${index}`;
    item.setAttribute("role", "option");
    item.dataset.handle = handle;
    const name = document.createElement("b");
    name.textContent = `@${handle}`;
    item.append(name, ` ${words}`);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(item);
    });
    return item;
  }

  function mark(index) {
    const items = list.children;
    items[chosen]?.removeAttribute("aria-selected");
    chosen = (index + items.length) % items.length;
    items[chosen].setAttribute("aria-selected", "true");
    items[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items[chosen].id);
  }

  function take(item) {
    const end = field.selectionStart;
    field.setRangeText(`${item.dataset.handle} `, end - begun().length, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
  if (document.activeElement === field) waiting = setTimeout(look, PAUSE); // what was typed before this began
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const keys = { ArrowDown: () => mark(chosen + 1), ArrowUp: () => mark(chosen - 1), Escape: close, Enter: () => take(list.children[chosen]) };
    if (!keys[event.key] || (event.key === "Enter" && chosen < 0)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
