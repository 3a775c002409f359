"use strict";
// The shortlist: people picked from answers. Their names stay in this browser, and nothing of it with the service.

const TRAY = `shortlist${root}`;
const SHOWN_COLUMNS = `shortlist-columns${root}`;
const MOST_PICKED = 100;

const kept = (key) => {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
};
const picked = () => kept(TRAY);

function keepPicked(names) {
  if (names.length) localStorage.setItem(TRAY, JSON.stringify(names)); else localStorage.removeItem(TRAY);
  showTray();
}

function pick(name) {
  const names = picked();
  if (names.includes(name)) keepPicked(names.filter((one) => one !== name));
  else if (names.length < MOST_PICKED) keepPicked([...names, name]);
  else $("exported").textContent = say().full(MOST_PICKED);
}

function star(name) {
  const button = element("button", { type: "button", className: "star" });
  button.dataset.person = name;
  button.addEventListener("click", () => pick(name));
  return button;
}

function showStars() {
  const names = new Set(picked());
  for (const button of document.querySelectorAll(".star")) {
    const on = names.has(button.dataset.person);
    button.textContent = on ? "★" : "☆";
    button.setAttribute("aria-pressed", String(on));
    button.ariaLabel = say().pick(isolated(button.dataset.person));
  }
}

let faces = new Map(); // pictures of those picked, by name

async function showTray() {
  showStars();
  const names = picked();
  $("tray").hidden = !names.length;
  $("badge").hidden = !names.length;
  for (const count of document.querySelectorAll(".count")) count.textContent = names.length;
  $("exported").textContent = "";
  $("picked").replaceChildren(...names.map((name) => {
    const face = faces.has(name) ? element("img", { alt: "", src: faces.get(name) }) : "";
    const remove = element("button", { type: "button", ariaLabel: say().unpick(isolated(name)), textContent: "×" });
    remove.addEventListener("click", () => pick(name));
    return element("li", {}, face, element("span", { textContent: name, dir: "auto" }), remove);
  }));
  showShownColumns();
  if (names.some((name) => !faces.has(name))) await fetchFaces(names);
}

async function fetchFaces(names) {
  const { ok, answer } = await read(`${root}/shortlist.json?${inTray(names)}`);
  if (!ok) {
    if (answer.type === "person-not-found") await listPeople(); // which drops whom the gallery has no longer
    return;
  }
  faces = new Map(answer.people.map(({ person, face }) => [person, face.crop]));
  if (names.every((name) => faces.has(name))) showTray();
}

const inTray = (names) => new URLSearchParams(names.map((name) => ["person", name]));

// Whoever is forgotten, or was of another gallery at this address, leaves the tray, too.
function dropFromTray(everybody) {
  const there = new Set(everybody.map(({ person }) => person));
  const names = picked();
  const left = names.filter((name) => there.has(name));
  if (left.length < names.length) {
    keepPicked(left);
    tell(() => say().dropped(names.length - left.length));
  } else showTray();
}

function showShownColumns() {
  const shown = new Set(kept(SHOWN_COLUMNS));
  $("shown").hidden = !columns.length;
  $("shown").querySelector("span").replaceChildren(...columns.map(({ column }) => {
    const box = element("input", { type: "checkbox", value: column, checked: shown.has(column) });
    box.addEventListener("change", () => {
      const others = kept(SHOWN_COLUMNS).filter((one) => one !== column);
      localStorage.setItem(SHOWN_COLUMNS, JSON.stringify(box.checked ? [...others, column] : others));
    });
    return element("label", {}, box, ` ${column}`);
  }));
  $("alike").parentElement.hidden = !answered;
}

// The question on the page says to whom they are alike: somebody of the gallery by name, or the photo again.
async function exportAs(kind) {
  const query = inTray(picked());
  const there = new Set(columns.map(({ column }) => column));
  for (const column of kept(SHOWN_COLUMNS)) if (there.has(column)) query.append("columns", column);
  query.append("language", language);
  const asked = answered && $("alike").checked ? question : null;
  if (asked?.person) query.append("for", asked.person);
  if (asked?.body && asked.extra.face !== undefined) query.append("face", asked.extra.face);
  $("exported").textContent = say().writing;
  const sent = asked?.body ? { method: "POST", body: asked.body() } : {};
  const response = await fetch(`${root}/shortlist.${kind}?${query}`, sent).catch(() => null);
  if (!response?.ok) {
    const answer = (await jsonOf(response)) ?? {};
    if (answer.type === "person-not-found") await listPeople();
    $("exported").textContent = problem(answer);
    return;
  }
  const link = element("a", { href: URL.createObjectURL(await response.blob()), download: `shortlist.${kind}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  $("exported").textContent = "";
}

for (const kind of ["pdf", "png", "csv", "json"]) {
  const button = element("button", { type: "button", textContent: kind.toUpperCase() });
  button.addEventListener("click", () => exportAs(kind));
  $("export").append(button);
}
$("clear").addEventListener("click", () => keepPicked([]));
addEventListener("storage", ({ key }) => { if (key === TRAY) showTray(); });
