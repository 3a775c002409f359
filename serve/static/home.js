// Home: the most alike pairs, and everybody's portrait.
import { $, button, element } from "./elements.js";
import { ofPerson } from "./pictures.js";
import { frequency } from "./resemblance.js";
import { routeOf, toPair, toPerson } from "./route.js";
import { problem, read, root } from "./service.js";
import { dropFromTray } from "./tray.js";
import { named, say, tell } from "./words.js";

const AT_ONCE = 60; // portraits that are added as one scrolls on
const AGAIN_MS = 2000;

let everybody = null; // { person, values }: who is here, and what a table says of them
let groups = 0;
let found = [];
let pairs = null;

export async function openHome(_, still) {
  const [{ answer: state }] = await Promise.all([read("/gallery"), peopleHere()]);
  if (!still()) return;
  showState(state, still);
  $("pairs").hidden = !state.ready || !everybody?.length; // its place is there before the pairs
  showPeople();
  if (state.ready && pairs === null) {
    const { ok, answer } = await read("/pairs");
    pairs = ok ? answer.pairs : null;
  }
  if (still()) showPairs();
}

// Who is here is asked again, by whoever learns that it has changed.
export async function listPeople() {
  const where = routeOf().where.map((one) => ["where", one]);
  const { ok, answer } = await read(`/people?${new URLSearchParams(where)}`);
  if (!ok) {
    everybody = null;
    if (answer.type !== "not-ready") tell(() => problem(answer));
    return;
  }
  groups = answer.groups;
  everybody = answer.people.map(({ person, columns }) => ({ person, values: Object.values(columns).flat() }));
  if (!where.length) dropFromTray(everybody);
}

// Everybody's names, read when they are first needed.
export async function peopleHere() {
  if (!everybody) await listPeople();
  return (everybody ?? []).map(({ person }) => person);
}

export const forgetPeople = () => { everybody = pairs = null; };

function showState({ ready, people: count, drawn, indexing }, still) {
  $("lead").textContent = !ready ? "" : count || !groups ? say("lead", { n: count }) : say("nameless", { n: groups });
  $("drawn").hidden = !drawn || !ready;
  $("empty").hidden = ready || Boolean(indexing);
  $("emptyTitle").textContent = say(count ? "notReady" : "empty");
  $("emptyNext").hidden = Boolean(count);
  $("reading").hidden = !indexing;
  if (indexing) {
    Object.assign($("bar"), { max: indexing.total, value: indexing.done });
    $("done").textContent = say("indexing", indexing);
    $("meanwhile").hidden = !ready;
    setTimeout(() => still() && again(still), AGAIN_MS);
  }
  $("groups").hidden = !groups;
  $("groups").textContent = say("whoIsThis", { n: groups });
}

// While photos are read, the page follows.
async function again(still) {
  forgetPeople();
  await openHome(routeOf(), still);
}

function showPairs() {
  $("pairs").hidden = !pairs?.length;
  $("strip").replaceChildren(...(pairs ?? []).map((pair) => {
    const { one, other } = pair;
    const both = element("span", { className: "two" }, ...[one, other].map((name) =>
      element("img", { className: "face", src: ofPerson(name, 150), alt: "", width: 150, height: 150, loading: "lazy" })));
    const words = element("span", { className: "words" },
      element("bdi", { textContent: one }), " · ", element("bdi", { textContent: other }),
      element("span", { className: "small", textContent: frequency(pair) }));
    return element("li", {}, element("a", { href: toPair(one, other) }, both, words));
  }));
}

// People are found by name, or by what a table says of them, which then stands beneath the name.
export function showPeople() {
  if (!everybody) return;
  const wanted = $("search").value.trim().toLocaleLowerCase();
  const has = (text) => text.toLocaleLowerCase().includes(wanted);
  found = everybody.map(({ person, values }) => ({ person, by: has(person) ? "" : values.find(has) }))
    .filter(({ by }) => by !== undefined);
  $("people").replaceChildren();
  $("everybody").hidden = !everybody.length;
  $("unfound").textContent = !everybody.length ? "" : !found.length ? say("unfound") : wanted ? say("found", { n: found.length }) : "";
  showMore();
}

function showMore() {
  const there = $("people").childElementCount;
  $("people").append(...found.slice(there, there + AT_ONCE).map(({ person, by }) => {
    const picture = element("img", { className: "face", src: ofPerson(person), alt: "", width: 160, height: 160, loading: "lazy" });
    const link = element("a", { href: toPerson(person) }, picture, element("bdi", { textContent: person }));
    if (by) link.append(element("bdi", { className: "small", textContent: by }));
    return element("li", {}, link);
  }));
  $("rest").hidden = there + AT_ONCE >= found.length;
}

new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && showMore(), { rootMargin: "1200px" })
  .observe($("rest"));
