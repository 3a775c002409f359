// The shortlist: people picked from answers. Their names stay in this browser, and nothing of it with the service.
import { askedPhoto, formOf } from "./ask.js";
import { $, button, element, isolated } from "./elements.js";
import { columnsHere } from "./filters.js";
import { ofBrowser } from "./memory.js";
import { ofPerson } from "./pictures.js";
import { routeOf } from "./route.js";
import { jsonOf, problem, root, send } from "./service.js";
import { language, say, tell } from "./words.js";

const TRAY = `shortlist${root}`;
const SHOWN_COLUMNS = `shortlist-columns${root}`;
const MOST_PICKED = 100;

const kept = (key) => {
  try {
    const found = JSON.parse(ofBrowser.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
};
const picked = () => kept(TRAY);

function keepPicked(names) {
  if (names.length) ofBrowser.setItem(TRAY, JSON.stringify(names)); else ofBrowser.removeItem(TRAY);
  showTray();
}

function pick(name) {
  const names = picked();
  if (names.includes(name)) keepPicked(names.filter((one) => one !== name));
  else if (names.length < MOST_PICKED) keepPicked([...names, name]);
  else $("exported").textContent = say("full", { n: MOST_PICKED });
}

export const star = (name) => button(() => pick(name), { className: "star", data: { person: name } });

export function showStars() {
  const names = new Set(picked());
  for (const one of document.querySelectorAll(".star")) {
    const on = names.has(one.dataset.person);
    one.textContent = on ? "★" : "☆";
    one.setAttribute("aria-pressed", String(on));
    one.ariaLabel = say("pick", { name: isolated(one.dataset.person) });
  }
}

export function showTray() {
  showStars();
  const names = picked();
  $("tray").hidden = !names.length;
  $("badge").hidden = !names.length;
  for (const count of document.querySelectorAll(".count")) count.textContent = names.length;
  $("exported").textContent = "";
  $("picked").replaceChildren(...names.map((name) => {
    const face = element("img", { alt: "", src: ofPerson(name, 64), width: 40, height: 40, loading: "lazy" });
    const remove = button(() => pick(name), { className: "quiet", ariaLabel: say("unpick", { name: isolated(name) }) }, "×");
    return element("li", {}, face, element("span", { textContent: name, dir: "auto" }), remove);
  }));
  showShownColumns();
}

// Whoever is forgotten, or was of another gallery at this address, leaves the tray, too.
export function dropFromTray(everybody) {
  const there = new Set(everybody.map(({ person }) => person));
  const names = picked();
  const left = names.filter((name) => there.has(name));
  if (left.length < names.length) {
    keepPicked(left);
    tell(() => say("dropped", { n: names.length - left.length }));
  } else showTray();
}

function showShownColumns() {
  const chosen = new Set(kept(SHOWN_COLUMNS));
  $("shown").hidden = !columnsHere().length;
  $("shown").querySelector("span").replaceChildren(...columnsHere().map(({ column }) => {
    const box = element("input", { type: "checkbox", value: column, checked: chosen.has(column) });
    box.addEventListener("change", () => {
      const others = kept(SHOWN_COLUMNS).filter((one) => one !== column);
      ofBrowser.setItem(SHOWN_COLUMNS, JSON.stringify(box.checked ? [...others, column] : others));
    });
    return element("label", {}, box, ` ${column}`);
  }));
  $("alike").parentElement.hidden = !["person", "photo"].includes(routeOf().view);
}

// The question on the page says to whom they are alike: somebody of the gallery by name, or the photo again.
async function exportAs(kind) {
  const query = new URLSearchParams(picked().map((name) => ["person", name]));
  const there = new Set(columnsHere().map(({ column }) => column));
  for (const column of kept(SHOWN_COLUMNS)) if (there.has(column)) query.append("columns", column);
  query.append("language", language);
  const { view, parts: [who] } = routeOf();
  const compared = $("alike").checked;
  if (compared && view === "person") query.append("for", who);
  const photo = compared && view === "photo" ? askedPhoto() : null;
  if (photo && /^[0-9]+$/.test(who)) query.append("face", who);
  $("exported").textContent = say("writing");
  const response = await send(`/shortlist.${kind}?${query}`, photo ? { method: "POST", body: formOf(photo) } : {});
  if (!response?.ok) {
    const answer = (await jsonOf(response)) ?? {};
    if (answer.type === "person-not-found") dispatchEvent(new Event("outdated"));
    $("exported").textContent = problem(answer);
    return;
  }
  const link = element("a", { href: URL.createObjectURL(await response.blob()), download: `shortlist.${kind}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  $("exported").textContent = "";
}

$("export").append(...["pdf", "png", "csv", "json"].map((kind) => button(() => exportAs(kind), {}, kind.toUpperCase())));
$("clear").addEventListener("click", () => keepPicked([]));
addEventListener("storage", ({ key }) => { if (key === TRAY) showTray(); });
