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

  // Whole words: half of one is nowhere in the text as a word.
  function wordsOf(range) {
    const letter = /[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff]/;
    const inside = (text, at) => text && at > 0 && letter.test(text[at - 1]) && letter.test(text[at] ?? "");
    while (inside(range.startContainer.nodeValue, range.startOffset)) range.setStart(range.startContainer, range.startOffset - 1);
    while (inside(range.endContainer.nodeValue, range.endOffset)) range.setEnd(range.endContainer, range.endOffset + 1);
    return range;
  }

  function take() {
    const chosen = document.getSelection();
    if (chosen.isCollapsed || !source.contains(chosen.getRangeAt(0).commonAncestorContainer) || chosen.toString() === last) return;
    last = chosen.toString();
    const piece = wordsOf(chosen.getRangeAt(0).cloneRange()).cloneContents();
    for (const mask of piece.querySelectorAll(".mask")) mask.replaceWith("\n");
    const said = piece.textContent.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter((line) => line);
    const grown = (line) => added.includes(line) && said.some((more) => more.includes(line)); // one selection, made longer
    const lines = words.value.split("\n").filter((line) => line.trim() && !grown(line));
    words.value = [...new Set([...lines, ...said])].join("\n");
    added = said;
    if (!form.querySelector("input[name=decision]:checked")) form.querySelector("input[name=decision][value=redact]")?.click();
  }
}
