// Binds behaviours to the page once it can be read; everything works without them.
addEventListener("load", async () => {
  if (document.body.dataset.member) document.cookie = "beacon=1; path=/; max-age=600; SameSite=Lax"; // read-posts.js tells what was read
  for (const element of document.querySelectorAll("[data-behaviour]")) await begin(element, element.dataset.behaviour);
  for (const form of document.querySelectorAll("[data-when-typing]")) {
    const bring = () => begin(form, form.dataset.whenTyping);
    if (form.contains(document.activeElement)) bring();
    else form.addEventListener("focusin", bring, { once: true });
  }
  document.querySelectorAll("[hx-post]").forEach(previewWhenWanted);
  document.documentElement.dataset.started = ""; // for tests: what runs in the browser runs
  document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => [`draft:${document.body.dataset.member}:`, `outbox:${document.body.dataset.member}:`].flatMap(keptDrafts).forEach((key) => localStorage.removeItem(key)));
  if (keptDrafts("draft:").length) await sendKeptDrafts();
  if (keptDrafts("outbox:").length) (await import("./room/outbox.js")).forgetOld();
});

async function begin(element, names) {
  for (const name of names.split(" ")) {
    // A part that does not come, on a bad line, leaves the page as it works without it.
    await import(`./behaviours/${name}.js`).then((behaviour) => behaviour.start(element), () => {});
  }
}

const keptDrafts = (beginning) => Object.keys(localStorage).filter((key) => key.startsWith(beginning));

// htmx comes with the first word one types, not with every page.
function previewWhenWanted(button) {
  let here = false;
  const bring = async () => {
    const htmx = await import("../vendor/htmx.esm.min.js").catch(() => null); // without it the button sends the form
    if (!here) htmx?.default.process(button.form);
    here = true;
  };
  button.form.addEventListener("focusin", bring, { once: true });
  button.addEventListener("click", async (event) => {
    if (here) return;
    event.preventDefault();
    await bring();
    button.click();
  });
}

async function sendKeptDrafts() {
  const kept = await import("./kept.js");
  kept.forgetOld();
  if (!document.body.dataset.member) return;
  const here = [...document.querySelectorAll("[data-place]")].map((form) => form.dataset.place);
  await kept.sendAll(here);
}
