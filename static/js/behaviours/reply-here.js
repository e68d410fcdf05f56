// "Reply" brings the form below the post it answers, without leaving the page; "Quote" brings the selected words along.
const LONGEST = 2000;

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

  const quote = (num, post) => {
    const selection = getSelection();
    const text = post.querySelector(".prose");
    const words = selection.rangeCount && text.contains(selection.anchorNode) && text.contains(selection.focusNode) ? selection.toString() : "";
    const lines = (words.trim() || text.innerText.trim()).slice(0, LONGEST).split("\n").map((line) => `> ${line}`.trimEnd());
    const before = body.value && !body.value.endsWith("\n\n") ? "\n\n" : "";
    body.value += `${before}${lines.join("\n")}\n>\n> [${post.getAttribute("aria-label")}](/threads/${form.dataset.thread}/posts/${num})\n\n`;
    body.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.querySelector(".tree").addEventListener("click", (event) => {
    const link = event.target.closest("[data-reply], [data-quote]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const post = link.closest("article");
    if (link.dataset.quote) quote(link.dataset.quote, post);
    bring(Number(link.dataset.quote ?? link.dataset.reply), post);
    link.closest("details")?.removeAttribute("open");
  });
  form.addEventListener("filled", () => answer(Number(form.elements.parent.value) || 1));
  toOpening.addEventListener("click", (event) => {
    event.preventDefault();
    bring(1);
  });
}
