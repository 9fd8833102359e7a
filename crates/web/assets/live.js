// Keeps marked parts of a page fresh: an element with data-live="/live/..." is fetched again every few
// seconds while the page is visible. Everything works without this file.
(() => {
  "use strict";
  const PERIOD_MS = 4000;
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("live", { createHTML: (text) => text })
    : { createHTML: (text) => text };
  const note = document.getElementById("live-note");
  const say = (text) => { if (note && note.textContent !== text) note.textContent = text; };

  const refresh = async (part) => {
    const answer = await fetch(part.dataset.live, { headers: { accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    // Do not pull a link away from under the keyboard or a selection.
    if (part.contains(document.activeElement) || text === part.dataset.seen) return;
    part.dataset.seen = text;
    part.innerHTML = policy.createHTML(text);
  };

  const parts = [...document.querySelectorAll("[data-live]")];
  let failures = 0;
  const tick = async () => {
    if (!document.hidden) {
      try {
        await Promise.all(parts.map(refresh));
        if (failures > 0) say("Live again.");
        failures = 0;
      } catch {
        failures += 1;
        if (failures === 2) say("Live updates paused: the server does not answer. Reload to try again.");
      }
    }
    setTimeout(tick, PERIOD_MS * Math.min(1 + failures, 8));
  };
  if (parts.length > 0) setTimeout(tick, PERIOD_MS);
})();
