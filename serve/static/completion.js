// Completion of names: people first, the most photographed of them, then groups by their number.
import { $, element } from "./elements.js";
import { chosen, give } from "./pile-in-focus.js";
import { groupName, people, piles, showPortrait } from "./piles.js";
import { shown } from "./words.js";

const MOST_OFFERED = 8;
export let offered = []; // names of people, or of groups, as the service knows them
export let marked = -1; // which of them is marked

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

function candidates(typed) {
  const wanted = plain(typed.trim());
  const rank = ({ person }) => {
    const name = plain(person);
    return name.startsWith(wanted) ? 0 : name.includes(` ${wanted}`) ? 1 : name.includes(wanted) ? 2 : 3;
  };
  const found = people.map((one) => ({ ...one, rank: rank(one) })).filter((one) => one.rank < 3)
    .sort((one, other) => one.rank - other.rank || other.faces - one.faces).map(({ person }) => person);
  const groups = piles.filter(({ number }) => wanted && number !== chosen && String(number).startsWith(wanted));
  return [...found, ...groups.map(({ number }) => groupName(number))].slice(0, MOST_OFFERED);
}

export function offer(typed) {
  offered = candidates(typed);
  marked = -1;
  $("names").replaceChildren(...offered.map((name, place) => {
    const image = element("img", { alt: "", width: 40, height: 40 });
    showPortrait(image, name);
    const option = element("li", { id: `name-${place}`, role: "option" }, image, element("span", { textContent: shown(name), dir: "auto" }));
    option.setAttribute("aria-selected", "false");
    option.addEventListener("mousedown", (event) => { event.preventDefault(); give(name); });
    return option;
  }));
  $("names").hidden = !offered.length;
  $("name").setAttribute("aria-expanded", String(offered.length > 0));
  $("name").removeAttribute("aria-activedescendant");
}

export function closeOffer() {
  offered = [];
  marked = -1;
  $("names").hidden = true;
  $("name").setAttribute("aria-expanded", "false");
  $("name").removeAttribute("aria-activedescendant");
}

export function markOffered(by) {
  if (!offered.length) offer($("name").value);
  if (!offered.length) return;
  // One place more than there are names: the field itself.
  marked = (marked + 1 + by + offered.length + 1) % (offered.length + 1) - 1;
  [...$("names").children].forEach((option, place) => option.setAttribute("aria-selected", String(place === marked)));
  if (marked < 0) $("name").removeAttribute("aria-activedescendant");
  else {
    $("name").setAttribute("aria-activedescendant", `name-${marked}`);
    $(`name-${marked}`).scrollIntoView({ block: "nearest" });
  }
}
