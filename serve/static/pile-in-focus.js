// The pile in focus: who is this? A name, yes or no to a suggestion, and the next one comes.
import { closeOffer, markOffered, marked, offer, offered } from "./completion.js";
import { $, element } from "./elements.js";
import { beginMerging, showList } from "./pile-list.js";
import { counts, groupName, isRefused, mergePiles, namePile, people, pileOf, piles, refuse, setPileAside, showPortrait, undo } from "./piles.js";
import { mayWrite } from "./service.js";
import { groupOf, named, say, shown } from "./words.js";

export let chosen = null; // number of the pile in focus
export let merging = null; // number of the pile for which another one is being chosen

export const setMerging = (number) => { merging = number; };

const MOST_AT_THE_END = 48;
export const keyless = !mayWrite;

// A field that has the focus calls up the keyboard of a telephone, which hides the faces.
const typesAtOnce = () => matchMedia("(pointer: fine)").matches;

export function toField() {
  if (!$("focus").hidden && typesAtOnce()) $("name").focus({ preventScroll: true });
}

export function focusOn(number) {
  chosen = number;
  merging = null;
  $("name").value = "";
  closeOffer();
  showFocus();
  showList();
  history.replaceState(null, "", number === null ? location.pathname : `#${number}`);
  toField();
}

// The one at the same place, when a pile is done.
function nextAfter(place) {
  const next = piles[Math.min(place, piles.length - 1)];
  focusOn(next ? next.number : null);
  showProgress();
}

function moveOn(by) {
  const place = piles.findIndex(({ number }) => number === chosen);
  if (piles.length) focusOn(piles[(place + by + piles.length) % piles.length].number);
}

export const inWords = ({ person, group }) => say(group ? "guessGroup" : "guess", { name: named(person) });
export const suggestion = (pile) => (pile?.perhaps && !isRefused(pile) ? pile.perhaps : null);

export function showAll() {
  if (!pileOf(chosen)) {
    chosen = piles[0]?.number ?? null;
    $("name").value = "";
  }
  showProgress();
  showFocus();
  showList();
}

function showProgress() {
  const all = counts.named + counts.unnamed;
  $("bar").max = Math.max(all, 1);
  $("bar").value = counts.named;
  $("done").textContent = say("progress", { named: counts.named, all });
  $("all").hidden = counts.total === 0;
  if ($("end").hidden && counts.total === 0) showEverybody();
  $("end").hidden = counts.total > 0;
}

// All who have a name now, the most photographed first: what the work was for.
function showEverybody() {
  const most = [...people].sort((one, other) => other.faces - one.faces).slice(0, MOST_AT_THE_END);
  $("everybody").replaceChildren(...most.map(({ person }) => {
    const image = element("img", { alt: "", width: 88, height: 88 });
    showPortrait(image, person);
    return element("li", {}, image, element("span", { className: "small", textContent: person, dir: "auto" }));
  }));
}

function showFocus() {
  const pile = pileOf(chosen);
  $("focus").hidden = !pile;
  if (!pile) return;
  $("which").textContent = shown(groupName(pile.number));
  $("many").textContent = say("facesIn", { faces: say("faceCount", { n: pile.count }), photos: say("photoCount", { n: pile.photos }) });
  const ids = pile.faces.map(({ id }) => id).join();
  if ($("faces").dataset.ids !== ids) {
    $("faces").dataset.ids = ids;
    $("faces").replaceChildren(...pile.faces.map(({ crop }, place) =>
      element("li", {}, element("img", { src: crop, alt: say("face", { number: place + 1 }), width: 112, height: 112 }))));
  }
  $("open").textContent = say("openAll", { n: pile.count });
  showGuess(suggestion(pile));
}

function showGuess(perhaps) {
  $("guess").hidden = !perhaps;
  if (!perhaps) return;
  $("perhaps").textContent = inWords(perhaps);
  $("guessed").removeAttribute("src");
  showPortrait($("guessed"), perhaps.person);
}

// Steps of the pile in focus.

export function done(act) {
  const place = piles.findIndex(({ number }) => number === chosen);
  if (place < 0 || keyless) return;
  act(piles[place]);
  nextAfter(place);
}

export function give(name) {
  const group = groupOf(name);
  done((pile) => { if (group) mergePiles(pile, group); else namePile(pile, name); });
}

function agree() {
  const perhaps = suggestion(pileOf(chosen));
  if (perhaps) give(perhaps.person);
}

function disagree() {
  const pile = pileOf(chosen);
  if (!suggestion(pile)) return;
  refuse(pile.number, pile.perhaps.person);
  showFocus();
  showList();
}

function enter() {
  const typed = $("name").value.trim();
  if (marked >= 0) give(offered[marked]);
  else if (typed) give(known(typed));
  else agree();
}

// A name as the gallery spells it, if somebody has it.
export function known(typed) {
  const key = typed.normalize("NFC").toLocaleLowerCase();
  return people.find(({ person }) => person.toLocaleLowerCase() === key)?.person ?? typed;
}

const WHEN_EMPTY = { ArrowLeft: () => moveOn(-1), ArrowRight: () => moveOn(1) };
const ALWAYS = {
  ArrowDown: () => markOffered(1),
  ArrowUp: () => markOffered(-1),
  PageDown: () => moveOn(1),
  PageUp: () => moveOn(-1),
  Escape: escape,
};

function escape() {
  if (offered.length) closeOffer();
  else if (merging !== null) beginMerging(null);
  else if ($("name").value) $("name").value = "";
  else disagree();
}

$("name").addEventListener("keydown", (event) => {
  const act = ALWAYS[event.key] ?? ($("name").value ? null : WHEN_EMPTY[event.key]);
  if (!act || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act();
});
$("name").addEventListener("input", () => ($("name").value.trim() ? offer($("name").value) : closeOffer()));
$("name").addEventListener("blur", closeOffer);
$("call").addEventListener("submit", (event) => { event.preventDefault(); enter(); });
$("yes").addEventListener("click", agree);
$("no").addEventListener("click", () => { disagree(); toField(); });
$("nobody").addEventListener("click", () => done((pile) => setPileAside(pile, "nobody")));
$("noface").addEventListener("click", () => done((pile) => setPileAside(pile, "no_face")));
$("later").addEventListener("click", () => moveOn(1));
$("undo").addEventListener("click", undo);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox])") && event.target.value;
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || typing) return;
  event.preventDefault();
  undo();
});
