// What a page knows of a log, and what each message changes: pure, so that any order, loss and doubling can be tried out.
// A message is { entry }, { head } or { page: { after, head, more, entries } }; a change is one entry, to be applied in this order.
export const begin = (last) => ({ last, head: last });

// Whether there is something that this page has not.
export const isBehind = ({ last, head }) => head > last;

export function receive(state, { entry, head, page }) {
  if (entry) return receiveEntry(state, entry);
  if (page) return receivePage(state, page);
  return { state: { ...state, head: Math.max(state.head, head) }, changes: [] };
}

// The next one is taken; an earlier one is known; a later one says only that the page is behind.
function receiveEntry({ last, head }, entry) {
  const next = entry.seq === last + 1;
  return { state: { last: next ? entry.seq : last, head: Math.max(head, entry.seq) }, changes: next ? [entry] : [] };
}

// A page is whole from its `after` on, though numbers may be missing that this reader does not read.
function receivePage({ last, head }, page) {
  const known = Math.max(head, page.head);
  if (page.after > last) return { state: { last, head: known }, changes: [] };
  const changes = page.entries.filter((entry) => entry.seq > last);
  const upto = Math.max(last, ...changes.map((entry) => entry.seq), page.more ? 0 : page.head);
  return { state: { last: upto, head: Math.max(known, upto) }, changes };
}

// What the changes make of lines by number; the page does the same to its elements.
export function play(lines, changes) {
  const played = new Map(lines);
  for (const { seq, verb, target, html } of changes) {
    if (verb === "append") played.set(seq, html);
    if (verb === "replace" && played.has(target)) played.set(target, html);
    if (verb === "remove") played.delete(target);
  }
  return played;
}
