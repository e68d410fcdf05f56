// Plays random logs to the reducer with messages shuffled, lost and doubled: node reducer.mjs <how many> <seed>
import assert from "node:assert";
import { begin, isBehind, play, receive } from "../../static/js/room/reducer.js";

const [tries, seed] = process.argv.slice(2).map(Number);
let turn = seed;
const random = () => { // mulberry32
  turn = (turn + 0x6d2b79f5) | 0;
  let t = Math.imul(turn ^ (turn >>> 15), 1 | turn);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const upto = (n) => Math.floor(random() * n);

// A log: lines that are added, and entries that change an earlier line, or take it out. `hidden` ones are not this reader's to read.
function randomLog(length) {
  const log = [];
  for (let seq = 1; seq <= length; seq++) {
    const added = log.filter((entry) => entry.verb === "append");
    const verb = added.length && random() < 0.4 ? (random() < 0.15 ? "remove" : "replace") : "append";
    const target = verb === "append" ? null : added[upto(added.length)].seq;
    log.push({ seq, verb, target, html: `line ${seq} ${random()}`, client_id: "" });
  }
  return log;
}

const MOST = 7;
function pageOf(log, visible, after) {
  const rest = visible.filter((entry) => entry.seq > after);
  return { page: { after, head: log.length, more: rest.length > MOST, entries: rest.slice(0, MOST) } };
}

for (let n = 0; n < tries; n++) {
  const log = randomLog(1 + upto(40));
  const hides = random() < 0.3;
  const visible = hides ? log.filter(() => random() < 0.8) : log;
  const from = upto(log.length + 1);
  let lines = play(new Map(), visible.filter((entry) => entry.seq <= from));
  let state = begin(from);
  const messages = [];
  for (const entry of hides ? [] : visible) { // where not everybody reads everything, only heads are pushed
    const copies = [0, 1, 1, 1, 2, 3][upto(6)];
    for (let copy = 0; copy < copies; copy++) messages.push({ entry });
  }
  for (let heads = upto(6); heads; heads--) messages.push({ head: upto(log.length + 1) });
  for (let pages = upto(6); pages; pages--) messages.push(pageOf(log, visible, upto(log.length + 1)));
  for (let at = messages.length; at > 1; at--) { // shuffled; half of the time only near neighbours change places
    const other = random() < 0.5 ? upto(at) : Math.max(0, at - 1 - upto(3));
    [messages[at - 1], messages[other]] = [messages[other], messages[at - 1]];
  }
  const take = (message) => {
    const before = state;
    const { state: next, changes } = receive(before, message);
    assert(next.last >= before.last && next.head >= before.head, "never back");
    state = next;
    lines = play(lines, changes);
  };
  messages.forEach(take);
  take({ head: log.length }); // the beacon
  for (let asked = 0; isBehind(state); asked++) {
    assert(asked < 50, "it comes to an end");
    take(pageOf(log, visible, state.last));
  }
  const fresh = play(new Map(), visible);
  assert.deepStrictEqual([...lines].sort((a, b) => a[0] - b[0]), [...fresh].sort((a, b) => a[0] - b[0]), `seed ${seed}, try ${n}`);
}
console.log(JSON.stringify({ tried: tries }));
