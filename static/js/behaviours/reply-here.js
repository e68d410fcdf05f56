// "Reply" brings the form below the post it answers, without leaving the page.
export function start(form) {
  const home = { parent: form.parentNode, next: form.nextSibling };
  const label = form.querySelector("label[for=body]");
  const body = form.querySelector("textarea");
  const toOpening = form.querySelector("#to-opening");

  const answer = (num) => {
    form.elements.parent.value = num > 1 ? num : "";
    toOpening.hidden = num <= 1;
    label.textContent = num > 1 ? `${form.dataset.answer} ${num}` : form.dataset.opening;
  };

  const bring = (num, post) => {
    if (num > 1) post.after(form);
    else home.parent.insertBefore(form, home.next);
    answer(num);
    body.focus();
    form.scrollIntoView({ block: "nearest" });
  };

  document.querySelector(".tree").addEventListener("click", (event) => {
    const link = event.target.closest("[data-reply]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    bring(Number(link.dataset.reply), link.closest("article"));
  });
  toOpening.addEventListener("click", (event) => {
    event.preventDefault();
    bring(1);
  });
}
