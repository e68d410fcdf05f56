// Says how much of the files is on its way; without this the form is sent as any other.
export function start(form) {
  const bar = form.querySelector("progress");
  form.addEventListener("submit", (event) => {
    if (!form.querySelector("input[type=file]").files.length) return;
    event.preventDefault();
    const sent = new XMLHttpRequest();
    bar.hidden = false;
    form.querySelector("button").disabled = true;
    sent.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = Math.round((100 * loaded) / total); });
    sent.addEventListener("load", () => {
      const page = new DOMParser().parseFromString(sent.responseText, "text/html");
      const main = page.querySelector("main");
      if (sent.status < 400 && sent.responseURL) location.assign(sent.responseURL);
      else if (main) {
        document.querySelector("main").replaceWith(main);
        main.querySelectorAll("[data-behaviour=show-upload]").forEach(start);
        main.querySelector("#problems")?.focus();
      } else form.submit();
    });
    sent.addEventListener("error", () => {
      bar.hidden = true;
      form.querySelector("button").disabled = false;
    });
    sent.open("POST", form.action);
    sent.send(new FormData(form));
  });
}
