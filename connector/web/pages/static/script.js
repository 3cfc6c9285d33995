// The pages work without this: it tells how far a run is while it runs, and closes the details with Escape.
"use strict";

const shown = (id, text) => {
  const place = document.getElementById(id);
  place.hidden = !text;
  place.textContent = text;
};

document.addEventListener("keydown", (event) => {
  const close = document.querySelector("aside .close");
  if (event.key === "Escape" && close) close.click();
});

const renew = async () => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const old = document.getElementById("live");
  if (fresh && old && !old.contains(document.activeElement)) old.replaceWith(fresh);
};

const listen = (cycle) => {
  const bar = document.getElementById("cycle-bar");
  const source = new EventSource(cycle.dataset.events);
  const on = (name, react) => source.addEventListener(name, (event) => react(JSON.parse(event.data)));
  on("status", ({ state, text }) => {
    bar.hidden = state !== "running";
    shown("cycle-text", text);
  });
  on("progress", ({ run, step, done, total }) => {
    const number = (value) => value.toLocaleString("en");
    bar.hidden = false;
    if (total) Object.assign(bar, { max: total, value: done });
    else bar.removeAttribute("value");
    shown("cycle-text", `Run ${run}: ${step} ${number(done)}${total ? ` of ${number(total)}` : ""}`);
  });
  on("finished", ({ run, result }) => {
    bar.hidden = true;
    shown("cycle-text", `Run ${run} finished: ${result}`);
    renew();
  });
  on("told", ({ text }) => { shown("cycle-told", text); renew(); });
  return source;
};

const cycle = document.getElementById("cycle");
if (cycle) {
  let source = listen(cycle);
  // A page that nobody sees holds no connection: browsers have only six for a server.
  document.addEventListener("visibilitychange", () => {
    source.close();
    if (!document.hidden) source = listen(cycle);
  });
}
