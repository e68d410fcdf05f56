// Brings what is wrong into view, for eyes and for screen readers.
export function start(summary) {
  summary.focus();
}
