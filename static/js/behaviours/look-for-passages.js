// Asks, while one types, what in the text could identify a person; says how many, and shows them below the text.
const PAUSE = 1200;

export function start(form) {
  const place = form.querySelector("[data-passages]");
  const status = form.querySelector("[data-found]");
  let waiting = 0;
  let asked = "";
  let asking = null;

  const typed = () => [...form.querySelectorAll("textarea[name], input[type=text][name]")].filter((field) => !place.contains(field));
  const words = () => typed().map((field) => field.value).join("\n");

  form.addEventListener("input", (event) => {
    if (place.contains(event.target)) return choose(event.target);
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asking?.abort();
  });
  addMarks();
  if (!place.querySelector(".passage")) waiting = setTimeout(look, PAUSE); // what was typed before this began

  // Typing a role or a reason chooses it.
  function choose(field) {
    if (!field.dataset.chooses) return;
    const radio = field.closest("fieldset").querySelector(`input[value=${field.dataset.chooses}]`);
    radio.checked = field.value !== "" || radio.checked;
  }

  async function look() {
    if (words() === asked || words().trim() === "") return;
    asked = words();
    asking?.abort();
    asking = new AbortController();
    const fields = new FormData(form);
    fields.set("check", "1");
    fields.delete("hold");
    const found = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), headers: { "HX-Request": "true" }, signal: asking.signal })
      .then((answer) => answer.ok ? answer.text() : null).catch(() => null); // the answer itself may be cut off, too
    if (found === null || place.contains(document.activeElement)) return;
    place.innerHTML = found;
    addMarks();
    say(place.querySelectorAll(".passage").length);
  }

  function say(count) {
    const before = status.textContent;
    const now = count === 0 ? (before ? place.dataset.none : "") : count === 1 ? place.dataset.one : place.dataset.many.replace("%n", count);
    if (now !== before) status.textContent = now;
  }

  // "Show": selects the passage in its field.
  function addMarks() {
    for (const passage of place.querySelectorAll(".passage")) {
      const field = document.getElementById(passage.dataset.field);
      const from = field?.value.indexOf(passage.dataset.words);
      if (from === undefined || from < 0) continue;
      const mark = passage.querySelector("mark");
      const show = document.createElement("button");
      show.type = "button";
      show.className = "shows";
      mark.replaceWith(show);
      show.append(mark);
      show.addEventListener("click", () => {
        field.focus();
        field.setSelectionRange(from, from + passage.dataset.words.length);
      });
    }
  }
}
