// How many characters a field holds, beside what fits; said to screen readers only when it does not fit.
export function start(form) {
  for (const field of form.querySelectorAll("[data-most]")) {
    if (Number(field.dataset.most) < 9) continue;
    const line = document.createElement("p");
    line.className = "letters";
    field.after(line);
    const count = () => {
      const { least, most } = field.dataset;
      const letters = field.value.trim().length;
      line.textContent = `${letters} / ${most}`;
      line.classList.toggle("wrong", letters > Number(most) || (letters > 0 && letters < Number(least)));
    };
    field.addEventListener("input", count);
    form.addEventListener("filled", count);
    count();
  }
}
