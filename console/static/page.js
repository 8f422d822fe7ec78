// Small comforts of the plain pages; each page is whole without them.

function localise(part) {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}
localise(document);

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// The account menu closes like a menu: on Escape and on a click elsewhere.
const menu = document.querySelector("details.menu");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

// One box that ticks all of its name on the page.
for (const all of document.querySelectorAll("input[data-ticks]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.getElementsByName(all.dataset.ticks)) box.checked = all.checked;
  });
}

// What shows work under way is fetched again every so many seconds until the work is over. Nothing is replaced under
// somebody's hands; when the network is away, the next time does.
function follow(part) {
  setTimeout(async () => {
    const fresh = part.contains(document.activeElement) ? null : await again(part.id).catch(() => null);
    if (fresh) {
      localise(fresh);
      part.replaceWith(fresh);
    }
    if ((fresh ?? part).dataset.follow) follow(fresh ?? part);
  }, 1000 * part.dataset.follow);
}
async function again(id) {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
}
for (const part of document.querySelectorAll("[data-follow]")) follow(part);
