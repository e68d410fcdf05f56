// The outbox of a page against a hub that answers late, not at all, or loses its answer: node outbox.mjs <how many> <seed> [all at once]
import assert from "node:assert";
import { LONGEST, forgetOld, memory, openOutbox } from "../../static/js/room/outbox.js";

const [tries, seed] = process.argv.slice(2, 4).map(Number);
const oneAtATime = process.argv[4] !== "all at once";
let turn = seed;
const random = () => {
  turn = (turn + 0x6d2b79f5) | 0;
  let t = Math.imul(turn ^ (turn >>> 15), 1 | turn);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const soon = globalThis.setTimeout;
globalThis.setTimeout = (act, after) => soon(act, Math.min(after, 1)); // waits are short here

let disordered = 0;
for (let n = 0; n < tries; n++) {
  const stored = new Map(); // as the hub keeps them: by id, in the order of their coming
  const refused = [];
  const post = async (item) => {
    await new Promise((resolve) => soon(resolve, random() * 3));
    const chance = random();
    if (chance < 0.15) return null; // it did not arrive
    if (chance < 0.2) return { status: 401 };
    if (item.body === "refused") return { status: 400, words: "why" };
    const known = stored.has(item.id);
    if (!known) stored.set(item.id, stored.size + 1);
    if (chance < 0.35) return null; // it arrived, and the answer was lost
    return { status: known ? 200 : 201, seq: stored.get(item.id) };
  };
  const storage = memory();
  const sent = [];
  const open = () => openOutbox({ key: "outbox:1:x", storage, post, changed: () => {}, sent: (item, seq) => sent.push([item.id, seq]), refused: (item) => refused.push(item.id), signedOut: () => {}, oneAtATime });
  let outbox = open();
  const written = [];
  for (let at = 0; at < 8; at++) {
    const item = { id: `${n}-${at}`, body: random() < 0.1 ? "refused" : "words", fields: [] };
    if (item.body === "words") written.push(item.id);
    outbox.add(item);
    if (random() < 0.2) outbox = open(); // the page is loaded anew
  }
  outbox.now();
  for (let waited = 0; outbox.items().some((item) => item.why === undefined); waited++) {
    assert(waited < 5000, "it comes to an end");
    await new Promise((resolve) => soon(resolve, 2));
    outbox.now();
  }
  assert.deepStrictEqual([...stored.keys()].sort(), [...written].sort(), `each once: seed ${seed}, try ${n}`);
  assert(outbox.items().every((item) => item.why === "why"), "what is refused stays, with the reason");
  if (JSON.stringify([...stored.keys()]) !== JSON.stringify(written)) disordered++;
}

const old = new Map([["outbox:1:x", JSON.stringify([{ id: "a", at: 0 }, { id: "b", at: LONGEST }])], ["outbox:2:y", "not json"], ["other", "1"]]);
const storage = Object.assign(Object.create({ getItem: (key) => old.get(key), setItem: (key, words) => old.set(key, words), removeItem: (key) => old.delete(key) }), Object.fromEntries(old));
forgetOld(storage, LONGEST + 1);
assert.deepStrictEqual([...old], [["outbox:1:x", JSON.stringify([{ id: "b", at: LONGEST }])], ["other", "1"]]);
console.log(JSON.stringify({ tried: tries, disordered }));
process.exit(0);
