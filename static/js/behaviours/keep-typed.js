// Asks before a page with unsent words is left.
export function start(form) {
  let sending = false;
  const changed = () => [...form.elements].some((field) => field.matches("textarea:not([readonly])") && field.value !== field.defaultValue);
  form.addEventListener("submit", () => { sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (!sending && changed()) event.preventDefault();
  });
}
