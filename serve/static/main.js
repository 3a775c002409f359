// Shows what the address names, whenever it changes.
import { openAnswer } from "./answer.js";
import { $ } from "./elements.js";
import { applyFilters, showFilters } from "./filters.js";
import { openGame } from "./game.js";
import { forgetPeople, listPeople, openHome, showPeople } from "./home.js";
import { openPair } from "./pair.js";
import { addressOf, go, routeOf } from "./route.js";
import { showTray } from "./tray.js";
import { closeViewer, openViewer } from "./viewer.js";
import { say, speak, tellAnew } from "./words.js";

const OPEN = { home: openHome, answer: openAnswer, pair: openPair, which: openGame };
const places = new Map(); // how far each address was scrolled
let number = 0;
let before = { view: "", hash: "" };

// An answer and two faces beside each other have views of their own; a photo is shown over its person's page.
function viewOf({ view, parts }) {
  if (view === "pair") return "pair";
  if ((view === "photo" || view === "face") && parts.length > 1) return "pair";
  return ["person", "face", "photo"].includes(view) ? "answer" : view;
}

async function show() {
  const mine = ++number;
  const route = routeOf();
  const view = viewOf(route);
  const under = addressOf(route.view, route.view === "person" ? route.parts.slice(0, 1) : route.parts, route.where, route.more);
  if (before.hash) places.set(before.hash, scrollY);
  const same = before.under === under;
  before = { hash: location.hash, under };
  for (const one of document.querySelectorAll("[data-view]")) one.hidden = one.dataset.view !== view;
  if (same && route.view === "person") {
    openViewer(route, true);
    return;
  }
  closeViewer();
  tellAnew();
  document.title = `${titleOf(route)} · niteru`;
  if (await applyFilters(route.where)) await listPeople();
  showTray();
  scrollTo({ top: places.get(location.hash) ?? 0, behavior: "instant" });
  await OPEN[view](route, () => mine === number);
  if (mine !== number) return;
  openViewer(route);
  if (places.has(location.hash)) scrollTo({ top: places.get(location.hash), behavior: "instant" });
}

const titleOf = ({ view, parts }) => (["person", "pair"].includes(view) ? parts.slice(0, 2).join(" · ") : say(view === "which" ? "which" : "title"));

history.scrollRestoration = "manual";
addEventListener("hashchange", show);
addEventListener("spoken", () => {
  before.under = "";
  showPeople();
  showFilters();
  showTray();
  show();
});
addEventListener("outdated", async () => {
  forgetPeople();
  await listPeople();
  showPeople();
});
$("search").addEventListener("input", () => {
  if (routeOf().view !== "home") go(addressOf("home"));
  showPeople();
});
speak();
