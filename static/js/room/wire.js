// What a room's page says to the hub, and asks of it.
const TOO_LONG = 20000; // milliseconds

const json = (answer) => (answer.headers.get("Content-Type")?.startsWith("application/json") ? answer.json() : {});
const asks = { headers: { Accept: "application/json" }, redirect: "manual" };

// One entry: { status, seq, words }, or null when the hub does not answer.
export async function post(address, item, again = true) {
  const body = new URLSearchParams([...item.fields, ["csrf_token", document.body.dataset.token]]);
  try {
    const answer = await fetch(address, { ...asks, method: "POST", body, signal: AbortSignal.timeout(TOO_LONG) });
    const said = await json(answer);
    if (again && said.token && String(said.member) === document.body.dataset.member) { // signed in anew, in another window
      document.body.dataset.token = said.token;
      return await post(address, item, false);
    }
    return answer.status >= 500 || answer.status === 429 ? null : { ...said, status: answer.status };
  } catch {
    return null;
  }
}

// Entries after or before a number: { status, head, more, entries }, or null.
export async function ask(address) {
  try {
    const answer = await fetch(address, { ...asks, signal: AbortSignal.timeout(TOO_LONG) });
    return { ...(await json(answer)), status: answer.type === "opaqueredirect" ? 401 : answer.status };
  } catch {
    return null;
  }
}

export function tell(address, fields) {
  const body = new URLSearchParams({ ...fields, csrf_token: document.body.dataset.token });
  return fetch(address, { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => null);
}
