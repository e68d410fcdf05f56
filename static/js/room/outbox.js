// What is written and not stored yet: sent one at a time, in order, each with the same id until it is answered.
// It outlives the page and a lost line, in this browser, by account and room, for three days; under TLP:RED only while the page lives.
export const LONGEST = 72 * 3600 * 1000;
const WAITS = [1000, 2000, 5000, 10000, 20000]; // milliseconds before the next try
const REFUSED = [400, 403, 404, 409, 413, 422];

export function forgetOld(storage = localStorage, now = Date.now()) {
  for (const key of Object.keys(storage).filter((key) => key.startsWith("outbox:"))) {
    const kept = read(storage, key).filter((item) => now - item.at < LONGEST);
    if (kept.length) storage.setItem(key, JSON.stringify(kept));
    else storage.removeItem(key);
  }
}

export function read(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

// A storage that forgets with the page.
export const memory = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, words) => kept.set(key, words), removeItem: (key) => kept.delete(key) };
};

// `post(item)` answers { status, seq, words }, or null when there is no connection. `changed(items)` shows what waits;
// `sent(item, seq)` and `refused(item, words)` say what became of one.
export function openOutbox({ key, storage, post, changed, sent, refused, signedOut, oneAtATime = true }) {
  let sending = false;
  let tries = 0;
  let timer = 0;

  const items = () => read(storage, key);
  const keep = (list) => {
    if (list.length) storage.setItem(key, JSON.stringify(list));
    else storage.removeItem(key);
    changed(list);
  };
  const drop = (id) => keep(items().filter((item) => item.id !== id));
  const mark = (id, more) => keep(items().map((item) => (item.id === id ? { ...item, ...more } : item)));

  function add(item) {
    keep([...items(), { ...item, at: Date.now() }]);
    if (oneAtATime) send();
    else sendOne({ ...item });
  }

  async function send() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    try {
      // Another window of the same room has the same outbox: one of them sends.
      await (globalThis.navigator?.locks ? navigator.locks.request(key, sendAll) : sendAll());
    } finally {
      sending = false;
    }
  }

  async function sendAll() {
    for (let item; (item = items().find((waiting) => waiting.why === undefined)); ) {
      if (!(await sendOne(item))) return;
    }
    changed(items()); // another window may have sent some
  }

  async function sendOne(item) {
    const answer = await post(item);
    if (answer?.status === 200 || answer?.status === 201) {
      tries = 0;
      drop(item.id);
      sent(item, answer.seq);
      return true;
    }
    if (answer && REFUSED.includes(answer.status)) {
      mark(item.id, { why: answer.words || "" });
      refused(item, answer.words || "", answer.status);
      return true;
    }
    if (answer?.status === 401) signedOut();
    timer = setTimeout(send, WAITS[Math.min(tries++, WAITS.length - 1)]);
    changed(items());
    return false;
  }

  // What was refused is stored under no number, so it is tried under a new id; what is only late keeps its own.
  function again(id) {
    const [item] = items().filter((one) => one.id === id && one.why !== undefined);
    const fresh = `${id}-${Date.now()}`.slice(-64);
    if (item) mark(id, { id: fresh, why: undefined, fields: item.fields.map(([name, value]) => [name, name === "client_id" ? fresh : value]) });
    send();
  }

  const now = () => { tries = 0; send(); };
  const isLate = () => tries > 1;
  return { add, again, drop, items, now, isLate };
}
