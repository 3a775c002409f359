// All piles as stacks of faces: one is chosen, or put on another, by mouse or by keyboard. Drawn as far as is seen.
import { $, element } from "./elements.js";
import { chosen, focusOn, inWords, keyless, merging, setMerging, suggestion, toField } from "./pile-in-focus.js";
import { counts, groupName, loadMore, mergePiles, pileOf, piles, showPortrait } from "./piles.js";
import { language, named, say, shown, tell } from "./words.js";

const DRAWN_AT_ONCE = 60;
let drawn = DRAWN_AT_ONCE;
let dragged = null; // number of the pile under the mouse
const stacks = new Map(); // list items by number, with what they show

function stack(pile) {
  const perhaps = suggestion(pile);
  const state = `${language} ${pile.count} ${pile.faces.slice(0, 3).map(({ id }) => id)} ${perhaps?.person ?? ""}`;
  const before = stacks.get(pile.number);
  if (before?.dataset.state === state) return before;
  const faces = element("span", { className: "stack" }, ...pile.faces.slice(0, 3).reverse().map(({ crop }) =>
    element("img", { src: crop, alt: "", loading: "lazy", draggable: false, width: 112, height: 112 })));
  const words = perhaps ? inWords(perhaps) : "";
  const name = shown(groupName(pile.number));
  const button = element("button", { type: "button", ariaLabel: `${say("pileOf", { name, faces: say("faceCount", { n: pile.count }) })} ${words}`.trim() }, faces,
    element("span", { className: "count", textContent: pile.count.toLocaleString(language) }),
    element("span", { className: "small words", dir: "auto" }, ...(perhaps?.group ? [small(perhaps.person), " ?"] : words ? [words] : [])));
  const item = before ?? element("li", { draggable: true });
  const focused = item.contains(document.activeElement);
  item.dataset.state = state;
  item.dataset.number = pile.number;
  item.replaceChildren(button);
  if (focused) button.focus();
  stacks.set(pile.number, item);
  return item;
}

function small(person) {
  const image = element("img", { alt: "" });
  showPortrait(image, person);
  return image;
}

export function showList() {
  const list = $("piles");
  $("total").textContent = counts.total.toLocaleString(language);
  const seen = piles.slice(0, drawn);
  const there = new Set(seen.map(({ number }) => number));
  for (const number of stacks.keys()) if (!there.has(number)) { stacks.get(number).remove(); stacks.delete(number); }
  seen.forEach((pile, place) => {
    const item = stack(pile);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  for (const [number, item] of stacks) {
    const button = item.firstChild;
    button.tabIndex = number === chosen ? 0 : -1;
    if (number === chosen) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    item.classList.toggle("moving", number === merging);
  }
  if (list.firstChild && !there.has(chosen)) list.firstChild.firstChild.tabIndex = 0;
  $("rest").hidden = drawn >= counts.total;
}

// Puts a pile on another one; without a pile, nothing is moved any more.
export function beginMerging(number) {
  setMerging(number);
  tell(() => (number === null ? "" : say("merging", { name: named(groupName(number)) })));
  $("piles").classList.toggle("merging", number !== null);
  showList();
  if (number !== null) neighbour(stacks.get(number), 1)?.firstChild.focus();
}

function putOn(number, target) {
  const pile = pileOf(number);
  beginMerging(null);
  if (!pile || number === target || keyless) return;
  mergePiles(pile, target);
  focusOn(target);
}

const itemOf = (event) => event.target.closest("#piles li");
const numberOf = (item) => Number(item.dataset.number);

function neighbour(item, by) {
  const all = [...$("piles").children];
  return all[Math.max(0, Math.min(all.length - 1, (item ? all.indexOf(item) : -1) + by))];
}

// How many stacks stand in a row: as many as have the first one's height.
function inRow() {
  const all = [...$("piles").children];
  const next = all.findIndex((item) => item.offsetTop > all[0].offsetTop);
  return next < 0 ? all.length : next;
}

$("piles").addEventListener("click", (event) => {
  const item = itemOf(event);
  if (!item) return;
  if (merging !== null) putOn(merging, numberOf(item));
  else {
    focusOn(numberOf(item));
    $("focus").scrollIntoView({ block: "nearest" });
  }
});
$("piles").addEventListener("keydown", (event) => {
  const item = itemOf(event);
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: inRow(), ArrowUp: -inRow(), Home: -Infinity, End: Infinity }[event.key];
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  if (by !== undefined) {
    event.preventDefault();
    neighbour(item, by)?.firstChild.focus();
  } else if (event.key === "m") beginMerging(numberOf(item));
  else if (event.key === "Escape" && merging !== null) {
    beginMerging(null);
    toField();
  }
});
$("merge").addEventListener("click", () => beginMerging(merging === null ? chosen : null));

$("piles").addEventListener("dragstart", (event) => {
  const item = itemOf(event);
  if (!item) return;
  dragged = numberOf(item);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", groupName(dragged));
});
for (const place of ["piles", "focus"]) {
  const target = (event) => (place === "focus" ? $("focus") : itemOf(event));
  for (const name of ["dragover", "dragleave", "drop"]) {
    $(place).addEventListener(name, (event) => {
      const over = target(event);
      if (dragged === null || !over) return;
      event.preventDefault();
      over.classList.toggle("over", name === "dragover");
      if (name === "drop") putOn(dragged, place === "focus" ? chosen : numberOf(over));
    });
  }
}
document.addEventListener("dragend", () => {
  dragged = null;
  for (const one of document.querySelectorAll(".over")) one.classList.remove("over");
});

new IntersectionObserver(([entry]) => {
  if (!entry.isIntersecting) return;
  drawn += DRAWN_AT_ONCE;
  showList();
  if (drawn > piles.length) loadMore();
}, { rootMargin: "600px" }).observe($("rest"));
