// Makes pages that work without it more pleasant: live runs, no double clicks, dropping of files.
"use strict";

function follow(part) {
  const look = async () => {
    const answer = await fetch(part.dataset.live, { headers: { "X-Part": "live" } });
    if (answer.ok) part.innerHTML = await answer.text();
    const state = part.querySelector("[data-state]");
    if (state && !["queued", "running"].includes(state.dataset.state)) location.reload();
  };
  let busy = false, again = false;
  const update = async () => {
    if (busy) { again = true; return; }
    busy = true;
    do { again = false; try { await look(); } catch { /* the next message tries again */ } } while (again);
    busy = false;
  };
  const events = new EventSource(part.dataset.events);
  events.onmessage = update;
  events.addEventListener("over", () => { events.close(); location.reload(); });
  events.addEventListener("full", () => { events.close(); setInterval(update, 5000); });
}

function once(form) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) {
      setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); });
    }
  });
}

function drop(place) {
  const input = place.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) place.addEventListener(kind, () => place.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) place.addEventListener(kind, () => place.classList.remove("over"));
  input.addEventListener("change", () => {
    for (const other of document.querySelectorAll(".drop input[type=file]")) {
      if (other !== input && input.files.length) other.value = "";
    }
  });
}

document.querySelectorAll("[data-live]").forEach(follow);
document.querySelectorAll("form[data-once]").forEach(once);
document.querySelectorAll(".drop").forEach(drop);
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once] button").forEach((button) => { button.disabled = false; });
});
