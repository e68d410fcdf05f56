// Binds behaviours to the page once it can be read; everything works without them.
addEventListener("load", async () => {
  for (const element of document.querySelectorAll("[data-behaviour]")) {
    for (const name of element.dataset.behaviour.split(" ")) {
      const behaviour = await import(`./behaviours/${name}.js`);
      behaviour.start(element);
    }
  }
  if (document.querySelector("[hx-post]")) await import("../vendor/htmx.esm.min.js");
});
