// Reports which new posts were on screen, so that exactly those count as read.
const A_MOMENT = 900; // milliseconds on screen
const TOGETHER = 800;
const AGAIN = 10000;

export function start(tree) {
  const timers = new Map();
  const seen = new Set();
  const reported = new Set();
  let flushing = 0;

  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting && !document.hidden) timers.set(target, setTimeout(() => note(target), A_MOMENT));
    }
  }, { rootMargin: "-15% 0px -15% 0px" });

  function note(post) {
    watch.unobserve(post);
    seen.add(post.id.replace("post-", ""));
    flushing ||= setTimeout(flush, TOGETHER);
  }

  function flush() {
    flushing = clearTimeout(flushing) ?? 0;
    if (!seen.size) return;
    const nums = [...seen];
    seen.clear();
    nums.forEach((num) => reported.add(num));
    const body = new URLSearchParams({ nums: nums.join(","), csrf_token: document.body.dataset.token });
    fetch(`/threads/${tree.dataset.thread}/seen`, { method: "POST", body, keepalive: true }).then((answer) => { if (!answer.ok) throw answer; }).catch(() => {
      nums.forEach((num) => seen.add(num));
      flushing ||= setTimeout(flush, AGAIN);
    });
  }

  const waiting = () => [...tree.querySelectorAll("[data-new]")].filter((post) => !reported.has(post.id.replace("post-", "")));
  const observe = () => waiting().forEach((post) => { watch.unobserve(post); watch.observe(post); });
  observe();
  addEventListener("visibilitychange", () => (document.hidden ? flush() : observe()));
  addEventListener("pagehide", flush);
}
