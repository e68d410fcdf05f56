// Reports which new posts were on screen, so that exactly those count as read.
const A_MOMENT = 900; // milliseconds on screen
const TOGETHER = 800;

export function start(tree) {
  const timers = new Map();
  const seen = new Set();
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
    const body = new URLSearchParams({ nums: nums.join(","), csrf_token: document.body.dataset.token });
    fetch(`/threads/${tree.dataset.thread}/seen`, { method: "POST", body, keepalive: true }).catch(() => nums.forEach((num) => seen.add(num)));
  }

  const observe = () => tree.querySelectorAll("[data-new]").forEach((post) => { watch.unobserve(post); watch.observe(post); });
  observe();
  addEventListener("visibilitychange", () => (document.hidden ? flush() : observe()));
  addEventListener("pagehide", flush);
}
