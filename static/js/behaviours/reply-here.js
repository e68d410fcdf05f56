// "Reply" brings the form below the post it answers, without leaving the page.
export function start(form) {
  const home = { parent: form.parentNode, next: form.nextSibling };
  const label = form.querySelector("label[for=body]");
  const body = form.querySelector("textarea");

  const answer = (num) => {
    form.elements.parent.value = num > 1 ? num : "";
    label.textContent = num > 1 ? `${form.dataset.answer} ${num}` : form.dataset.opening;
  };

  document.querySelector(".tree").addEventListener("click", (event) => {
    const link = event.target.closest("[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const num = Number(link.dataset.reply);
    if (num > 1) link.closest("article").after(form);
    else home.parent.insertBefore(form, home.next);
    answer(num);
    body.focus();
    form.scrollIntoView({ block: "nearest" });
  });
}
