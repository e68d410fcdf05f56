// What the server has not taken yet: kept in this browser, by account, place and window, for at most three days.
const LONGEST = 72 * 3600 * 1000;
const member = document.body.dataset.member;
export const newId = () => crypto.randomUUID?.() ?? String(Math.random()).slice(2);
const own = await claimed(sessionStorage.window) ?? await claimed(newId());
sessionStorage.window = own;


// A name that only this window holds while it lives; a duplicated tab brings the name of its original, and gets another.
function claimed(name) {
  if (!name || !navigator.locks) return name;
  return new Promise((resolve) => {
    navigator.locks.request(`window:${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock ? name : undefined);
      return lock && new Promise(() => {});
    });
  });
}

const keyOf = (place) => `draft:${member}:${place}:${own}`;
const keysOf = (beginning) => Object.keys(localStorage).filter((key) => key.startsWith(beginning));
const read = (key) => ({ ...JSON.parse(localStorage.getItem(key)), key });

// False when this browser keeps nothing, so that the page can ask before it is left.
export function keep(place, typed) {
  try {
    localStorage.setItem(keyOf(place), JSON.stringify({ ...typed, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function forget(key) {
  localStorage.removeItem(key);
}

export function forgetHere(place) {
  forget(keyOf(place));
}

export function forgetOld() {
  keysOf("draft:").filter((key) => Date.now() - read(key).at > LONGEST).forEach(forget);
}

// What this window has just posted, or sent to a moderator, is not kept any longer; the server says so by a cookie.
function forgetSent() {
  const sent = document.cookie.match(/(?:^|; )sent=([^;]+)/)?.[1];
  if (!sent) return;
  document.cookie = "sent=; path=/; max-age=0; SameSite=Lax";
  keysOf(`draft:${member}:`).filter((key) => key.endsWith(`:${own}`) && read(key).fields.some(([name, value]) => name === "client_id" && value === sent)).forEach(forget);
}

// Copies of one place, or of all, that no other living window is still working on; as they are at the moment of the call.
export async function left(place = "") {
  forgetSent();
  const copies = keysOf(`draft:${member}:${place && `${place}:`}`).map(read);
  const locks = await navigator.locks?.query();
  const living = new Set(locks?.held.map((lock) => lock.name).filter((name) => name !== `window:${own}`) ?? []);
  return copies.filter((copy) => !living.has(`window:${copy.key.split(":").at(-1)}`));
}

// "taken", "posted" (or gone otherwise), "stale", "signed out", or "away" when the server does not answer as itself.
export async function send(typed, signal, again = true) {
  const { address, fields, seq, id, tried } = typed;
  const form = new URLSearchParams([...fields, ["seq", seq], ["save_id", id], ["tried", tried.join(",")], ["csrf_token", document.body.dataset.token]]);
  let answer, said;
  try {
    answer = await fetch(address, { method: "POST", body: form, headers: { Accept: "application/json" }, redirect: "manual", signal });
    said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  } catch {
    return { outcome: "away" }; // also when the answer breaks off: the save may have landed, and is named as tried
  }
  if (again && said.token && String(said.member) === member) { // the member signed in anew, in another window
    document.body.dataset.token = said.token;
    return send(typed, signal, false);
  }
  return { outcome: outcomeOf(answer.status, said), ...said };
}

function outcomeOf(status, said) {
  if (said.posted) return "posted";
  if (status === 200 && Number.isInteger(said.seq)) return "taken";
  if (status === 401) return "signed out";
  if (status === 409 && Number.isInteger(said.seq)) return "stale";
  return said.words ? "refused" : "away";
}

// Sends what closed windows could not; what is stale or refused waits until its form is opened.
export async function sendAll(except) {
  for (const typed of await left()) {
    if (except.includes(typed.place)) continue;
    const { outcome } = await send(typed);
    if (outcome === "taken" || outcome === "posted") forget(typed.key);
  }
}
