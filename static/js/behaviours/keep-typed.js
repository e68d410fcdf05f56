// Asks before a page with unsent words is left, also words that came back with the page.
export function start(form) {
  let sending = false;
  const returned = document.getElementById("problems") !== null;
  const fields = [...form.elements].filter((field) => field.matches("textarea:not([readonly]), input[type=text], input[type=url]"));
  const unsent = () => fields.some((field) => field.value !== field.defaultValue || (returned && field.value !== ""));
  form.addEventListener("submit", () => { sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (!sending && unsent()) event.preventDefault();
  });
}
