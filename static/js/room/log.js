// The lines of a room as elements: applies what the reducer says, marks what is one's own, and never moves what is being read.
const NEAR = 160; // pixels from the end of the log that still count as being there

export function startLog(section, me) {
  const list = section.querySelector("[data-log]");
  const newest = section.dataset.newest === "yes";
  const lineOf = (seq) => document.getElementById(`entry-${seq}`);
  const lines = () => [...list.querySelectorAll(".entry")];

  function made(html) {
    const line = new DOMParser().parseFromString(html, "text/html").querySelector("li");
    return own(document.importNode(line, true));
  }

  function own(line) {
    line.classList.toggle("own", line.dataset.author === me);
    for (const waiting of line.querySelectorAll("[data-for]")) waiting.querySelector("button").hidden = waiting.dataset.for !== section.dataset.side;
    return line;
  }

  const atEnd = () => list.getBoundingClientRect().bottom < innerHeight + NEAR;

  function replace(target, html) {
    const before = lineOf(target);
    if (!before) return;
    const focused = before.contains(document.activeElement);
    const after = made(html);
    before.replaceWith(after);
    if (focused) after.focus({ preventScroll: true });
  }

  // Applies entries in order; answers with the lines that are new.
  function apply(changes) {
    const follow = atEnd();
    const fresh = [];
    for (const { seq, verb, target, html } of changes) {
      if (verb === "append" && lineOf(seq)) replace(seq, html); // it came with the page, which was read a moment later than its number
      else if (verb === "append" && newest) {
        const line = made(html);
        list.append(line);
        fresh.push(line);
      }
      if (verb === "replace") replace(target, html);
      if (verb === "remove") lineOf(target)?.remove();
    }
    if (fresh.length) section.querySelector("[data-empty]")?.remove();
    if (follow && fresh.length) fresh.at(-1).scrollIntoView({ block: "end" });
    return fresh;
  }

  // Puts earlier entries in front, and keeps on screen what was there.
  function prepend(entries) {
    const first = lines()[0];
    const top = first?.getBoundingClientRect().top ?? 0;
    const earlier = entries.filter((entry) => entry.verb === "append").map((entry) => made(entry.html));
    list.prepend(...earlier);
    if (first) scrollBy(0, first.getBoundingClientRect().top - top);
    return earlier.length;
  }

  // A room opens where the reader left it, or at its end; to whom all is new, at its head, which says who reads it.
  function goToNew() {
    if (!newest || section.dataset.allNew || location.hash) return;
    const unread = list.querySelector("[data-newline]");
    if (unread) unread.scrollIntoView({ block: "center" });
    else lines().at(-1)?.scrollIntoView({ block: "end" });
  }

  lines().forEach(own);
  goToNew();
  return { apply, prepend, lines, lineOf, atEnd, first: () => Number(lines()[0]?.dataset.seq ?? 1) };
}
