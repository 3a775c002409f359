// A pile that is looked through: all of its faces, of which some are marked and taken elsewhere.
import { $, element, isolated } from "./elements.js";
import { chosen, keyless, known, toField } from "./pile-in-focus.js";
import { MOST, groupName, people, pileOf, refresh, step } from "./piles.js";
import { problem, read } from "./service.js";
import { named, say, shown, tell } from "./words.js";

export let looked = null; // number of the pile that is open
let last_marked = null;

export async function openPile(number) {
  const { ok, answer } = await read(`/people/${encodeURIComponent(groupName(number))}`);
  if (!ok) {
    $("pile").close();
    if (answer.type === "person-not-found") refresh(); else tell(() => problem(answer));
    return;
  }
  looked = number;
  last_marked = null;
  $("opened").textContent = shown(groupName(number));
  $("every").replaceChildren(...answer.faces.map(({ id, photo, crop }, place) => {
    const box = element("input", { type: "checkbox", value: id });
    const image = element("img", { src: crop, alt: say("face", { number: place + 1 }), title: photo, loading: "lazy", width: 112, height: 112 });
    return element("li", {}, element("label", {}, box, image));
  }));
  $("known").replaceChildren(...people.slice(0, MOST).map(({ person }) => element("option", { value: person })));
  $("whose").value = "";
  if (!$("pile").open) $("pile").showModal();
}

const boxes = () => [...$("every").querySelectorAll("input")];
const markedFaces = () => boxes().filter(({ checked }) => checked).map(({ value }) => `face:${value}`);

// Says something of the marked faces, and looks at those that are left.
async function sayOfMarked(body, done) {
  const who = markedFaces();
  if (!who.length) {
    $("said").textContent = say("markFirst");
    return;
  }
  if (keyless) return;
  await step({ who, ...body }, done);
  $("said").textContent = $("status").textContent;
  if (pileOf(looked)) await openPile(looked); else $("pile").close();
}

$("every").addEventListener("click", (event) => {
  if (!event.target.matches("input")) return;
  const all = boxes();
  const place = all.indexOf(event.target);
  if (event.shiftKey && last_marked !== null) {
    const [from, to] = [Math.min(place, last_marked), Math.max(place, last_marked)];
    for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
  }
  last_marked = place;
});
$("open").addEventListener("click", () => openPile(chosen));
$("split").addEventListener("click", () =>
  sayOfMarked({ split: true }, ({ faces, name }) => say("apart", { n: faces, name: named(name) })));
$("notface").addEventListener("click", () => sayOfMarked({ no_face: true }, ({ faces }) => say("aside", { n: faces })));
$("notthem").addEventListener("click", () => sayOfMarked({ nobody: true }, ({ faces }) => say("aside", { n: faces })));

function move() {
  const name = $("whose").value.trim();
  if (!name) $("whose").focus();
  else sayOfMarked({ name: known(name) }, (answer) => say("named", { n: answer.faces, name: isolated(answer.name) }));
}

$("move").addEventListener("click", move);
$("whose").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  move();
});
$("shut").addEventListener("click", () => $("pile").close());
$("pile").addEventListener("close", () => { looked = null; $("said").textContent = ""; toField(); });
