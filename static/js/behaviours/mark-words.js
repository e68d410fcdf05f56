// A moderator selects words in the text, and they stand among those to be taken out; masked passages are ticked, not selected.
export function start(form) {
  const source = document.querySelector(".source");
  const words = form.querySelector("textarea[name=words]");
  if (!source || !words) return;
  let waiting = 0;
  let last = "";
  let added = [];
  form.querySelector("[data-with-script]")?.removeAttribute("hidden");
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(take, 600);
  });

  function take() {
    const chosen = document.getSelection();
    if (chosen.isCollapsed || !source.contains(chosen.getRangeAt(0).commonAncestorContainer) || chosen.toString() === last) return;
    last = chosen.toString();
    const piece = chosen.getRangeAt(0).cloneContents();
    for (const mask of piece.querySelectorAll(".mask")) mask.replaceWith("\n");
    const said = piece.textContent.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter((line) => line);
    const grown = (line) => added.includes(line) && said.some((more) => more.includes(line)); // one selection, made longer
    const lines = words.value.split("\n").filter((line) => line.trim() && !grown(line));
    words.value = [...new Set([...lines, ...said])].join("\n");
    added = said;
    if (!form.querySelector("input[name=decision]:checked")) form.querySelector("input[name=decision][value=redact]")?.click();
  }
}
