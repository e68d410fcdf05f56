// A moderator selects words in the text, and they stand among those to be taken out.
export function start(form) {
  const source = document.querySelector(".source");
  const words = form.querySelector("textarea[name=words]");
  if (!source || !words) return;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(take, 600);
  });
  let waiting = 0;
  let last = "";

  function take() {
    const chosen = document.getSelection();
    const said = chosen.toString().replace(/\s+/g, " ").trim();
    if (!said || said === last || chosen.rangeCount === 0 || !source.contains(chosen.getRangeAt(0).commonAncestorContainer)) return;
    last = said;
    const lines = words.value.split("\n").filter((line) => line.trim());
    if (lines.includes(said)) return;
    words.value = [...lines, said].join("\n");
    form.querySelector("input[name=decision][value=redact]")?.click();
  }
}
