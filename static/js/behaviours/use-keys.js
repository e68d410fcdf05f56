// One-letter keys for those who want them: j, k, r, n, c, d, / and ?. They can be switched off.
const OFF = "keys-off";

export function start(help) {
  const off = help.querySelector("input");
  off.checked = localStorage.getItem(OFF) === null;
  off.addEventListener("change", () => (off.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  help.hidden = false;

  const places = () => [...document.querySelectorAll(".tree > article, .log > .entry, .list .title")];
  const here = () => places().findIndex((place) => place.contains(document.activeElement));

  function go(place) {
    if (!place) return;
    if (place.matches("article, .entry")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: place.offsetHeight < innerHeight / 2 ? "center" : "start" });
  }

  const actions = {
    j: () => go(places()[here() + 1]),
    k: () => go(places()[Math.max(0, here() - 1)]),
    r: () => {
      const post = document.activeElement.closest("article, .entry");
      if (post) post.querySelector("[data-reply]")?.click();
      else document.getElementById("body")?.focus();
    },
    n: () => {
      const fresh = places().slice(here() + 1).find((place) => place.matches("[data-new], .newline + .entry, .item:not(.seen) > .title"));
      if (fresh) go(fresh);
      else document.querySelector("[data-next-unread]")?.click();
    },
    c: () => document.querySelector("[data-key=c]")?.click(),
    d: () => document.querySelector("[data-key=d]")?.focus(),
    "/": () => {
      const filter = document.querySelector("[data-filter], .filters select");
      filter?.closest("details")?.setAttribute("open", "");
      filter?.focus();
    },
    "?": () => {
      help.open = true;
      help.querySelector("summary").focus();
      help.scrollIntoView({ block: "nearest" });
    },
  };

  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    const action = Object.hasOwn(actions, event.key) && actions[event.key];
    if (!action || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !off.checked) return;
    event.preventDefault();
    action();
  });
}
