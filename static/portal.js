// What makes the pages more comfortable. All of them work without it.
"use strict";

// Copy buttons, which only work with a script and so are only shown by it.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    button.textContent = (await copy(source)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    // Over plain HTTP, or where it isn't allowed: it's selected, to be copied by hand.
    getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

// Menus close when something else is clicked or focused, or at Escape.
const menus = document.querySelectorAll("details.menu");
for (const event of ["click", "focusin"]) {
  document.addEventListener(event, ({ target }) => {
    for (const menu of menus) if (!menu.contains(target)) menu.open = false;
  });
}
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Where there is little room, filters are out of the way until they're asked for.
const filters = document.querySelector("details.filters");
if (filters) {
  const narrow = matchMedia("(max-width: 56rem)");
  const fold = () => { filters.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
}

// A form isn't sent twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// An order that is on its way is looked at again until it has arrived.
async function poll(part) {
  const seconds = Number(part.dataset.poll);
  if (!seconds) return;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (answer.ok && fresh && !fresh.dataset.poll) {
      const [status, news] = [part, fresh].map((one) => one.querySelector("[role=status]"));
      if (status && news) {
        // In place, so that it's read out.
        status.className = news.className;
        status.textContent = news.textContent;
      }
      return;
    }
  } catch {
    // The network is away; it may come back.
  }
  poll(part);
}
for (const part of document.querySelectorAll("[data-poll]")) poll(part);
