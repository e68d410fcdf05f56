// Who is in the room now, and who is writing.
export function startPeople(section, me) {
  const { here: words, you, writes } = section.dataset;
  const lines = () => [...document.querySelectorAll("[data-person]")];
  const roleOf = (line) => line.querySelector(".dot").textContent;

  return {
    show(here) {
      for (const line of lines()) {
        const there = here.includes(Number(line.dataset.person));
        line.toggleAttribute("data-here", there);
        line.querySelector("[data-now]").textContent = line.dataset.person === me ? you : there ? words : "";
      }
    },
    writing(ids) {
      const roles = lines().filter((line) => line.dataset.person !== me && ids.includes(Number(line.dataset.person))).map(roleOf);
      return roles.length ? writes.replace("%s", roles.join(", ")) : "";
    },
  };
}
