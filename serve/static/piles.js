// The piles: groups of faces that nobody has named, the largest first, and the steps that change them.
import { isolated } from "./elements.js";
import { ofBrowser } from "./memory.js";
import { looked, openPile } from "./open-pile.js";
import { chosen, focusOn, known, showAll } from "./pile-in-focus.js";
import { problem, read, root } from "./service.js";
import { groupOf, named, say, tell } from "./words.js";

export let piles = []; // those that are loaded
export let counts = { total: 0, named: 0, unnamed: 0 };
export let people = []; // everybody with a name: { person, faces }
const AT_ONCE = 120;
export const MOST = 500; // that the service gives at once
const BUSY_MS = 1000;
const SETTLED_MS = 1500;

export const groupName = (number) => `unnamed ${number}`;
export const pileOf = (number) => piles.find((pile) => pile.number === number);

// What is said is sent one after the other, so that nobody who types waits for it. A busy gallery is asked again.
let steps = Promise.resolve();
let under_way = 0;
let begun = 0; // how many so far

export const isUnderWay = () => under_way > 0;

function count(by) {
  under_way += by;
  document.body.dataset.underWay = under_way;
}

function sendStep(method, path, body) {
  count(1);
  begun += 1;
  const said = steps.then(() => persist(method, path, body)).finally(() => count(-1));
  steps = said.catch(() => {});
  return said;
}

async function persist(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  for (;;) {
    const reply = await read(path, { method, headers, body: body && JSON.stringify(body) });
    if (reply.answer.type !== "gallery-busy") return reply;
    tell(() => say("waiting"));
    await new Promise((then) => setTimeout(then, BUSY_MS));
  }
}

// Says something of some; `done` makes a sentence of the answer. What the page shows is read again in any case.
export async function step(body, done) {
  const { ok, answer } = await sendStep("POST", "/names", body);
  tell(() => (ok ? done(answer) : answer.type === "person-not-found" ? say("meanwhile") : problem(answer)));
  await (ok && "name" in body && groupOf(body.name) === null ? settle() : refresh());
  return ok;
}

export async function undo() {
  const before = new Set(piles.map(({ number }) => number));
  const { ok, answer } = await sendStep("DELETE", "/names/last");
  tell(() => (ok ? say("undone", { n: answer.faces }) : problem(answer)));
  await refresh();
  const back = piles.find(({ number }) => !before.has(number));
  if (ok && back) focusOn(back.number);
  if (looked !== null) openPile(looked);
}

// A name is shown at once; what else it may change, such as whom other piles may show, is read when nobody types.
let settling = 0;

function settle() {
  clearTimeout(settling);
  if (piles.length < Math.min(counts.total, AT_ONCE / 2)) return refresh();
  settling = setTimeout(refresh, SETTLED_MS);
}

let reading = 0;

export async function refresh() {
  clearTimeout(settling);
  if (under_way) return; // a step's end reads again
  const [mine, before] = [++reading, begun];
  const limit = Math.min(MOST, Math.max(AT_ONCE, piles.length));
  const { ok, answer } = await read(`/groups?limit=${limit}`);
  // What was read before a step began is out of date, and is read again after it.
  if (mine !== reading || before !== begun) return;
  if (!ok) {
    tell(() => problem(answer));
    return;
  }
  const inFocus = pileOf(chosen);
  piles = answer.groups;
  counts = answer;
  if (inFocus && piles.length < counts.total) await loadPile(chosen); // it may be far down the list
  showAll();
}

export async function loadMore() {
  if (under_way || piles.length >= counts.total) return;
  const before = begun;
  const { ok, answer } = await read(`/groups?offset=${piles.length}&limit=${AT_ONCE}`);
  if (!ok || before !== begun) return;
  const known = new Set(piles.map(({ number }) => number));
  piles.push(...answer.groups.filter(({ number }) => !known.has(number)));
  counts = answer;
  showAll();
}

// The pile that an address names may be far down the list.
export async function loadPile(number) {
  if (pileOf(number)) return true;
  const before = begun;
  const { ok, answer } = await read(`/groups?number=${number}`);
  if (ok && before === begun && !pileOf(number)) piles.push(...answer.groups);
  return Boolean(pileOf(number));
}

export async function listPeople() {
  const { ok, answer } = await read(`/people`);
  if (ok) people = answer.people.map(({ person, faces }) => ({ person, faces }));
}

// Takes a pile off the list that is somebody's now, another pile's, or nobody's; whoever was perhaps the same follows.
function takeOff(pile, name = null) {
  const group = groupName(pile.number);
  piles = piles.filter((other) => other !== pile);
  for (const other of piles) {
    if (other.perhaps?.person !== group) continue;
    if (name && isRefused(other)) refuse(other.number, name);
    const follows = name && name !== groupName(other.number);
    other.perhaps = follows ? { ...other.perhaps, person: name, group: groupOf(name) } : null;
  }
  return group;
}

export function namePile(pile, name) {
  const who = [takeOff(pile, name)];
  counts = { total: counts.total - 1, named: counts.named + pile.count, unnamed: counts.unnamed - pile.count };
  if (!people.some(({ person }) => person === name)) people.push({ person: name, faces: pile.count });
  if (!portraits.has(name)) portraits.set(name, Promise.resolve(pile.faces[0].crop));
  return step({ who, name }, (answer) => say("named", { n: answer.faces, name: isolated(answer.name) }));
}

// A pile is the person of another one, which need not be loaded; its faces go there.
export function mergePiles(pile, number) {
  const name = groupName(number);
  const who = [takeOff(pile, name)];
  counts = { ...counts, total: counts.total - 1 };
  const into = pileOf(number);
  if (into) into.count += pile.count;
  return step({ who, name }, () => say("merged", { name: named(groupName(number)) }));
}

export function setPileAside(pile, how) {
  const who = [takeOff(pile)];
  counts = { ...counts, total: counts.total - 1, unnamed: counts.unnamed - pile.count };
  return step({ who, [how]: true }, (answer) => say("aside", { n: answer.faces }));
}

// Suggestions that were refused; they are kept in this browser.
const REFUSED = `refused${root}`;
const refused = new Set(JSON.parse(ofBrowser.getItem(REFUSED) ?? "[]"));
export const isRefused = (pile) => refused.has(`${pile.number} ${pile.perhaps.person}`);

export function refuse(number, person) {
  refused.add(`${number} ${person}`);
  ofBrowser.setItem(REFUSED, JSON.stringify([...refused].slice(-5000)));
}

// Portraits, by name of a person or group: addresses of pictures, fetched when they are first needed.
const portraits = new Map();

function portrait(name) {
  if (!portraits.has(name)) {
    const found = piles.find((pile) => groupName(pile.number) === name);
    portraits.set(name, found ? Promise.resolve(found.faces[0].crop) : read(`/people/${encodeURIComponent(name)}`)
      .then(({ ok, answer }) => (ok ? answer.faces[0].crop : "")));
  }
  return portraits.get(name);
}

export async function showPortrait(image, name) {
  const address = await portrait(name);
  if (address) image.src = address;
}
