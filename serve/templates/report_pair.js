"use strict";
// A pair, large, over the page: #pair-NAME/NAME. Only a service can draw it as a picture, or knows more of the two.
const PARTS = embedded("face-parts");
const pairDialog = $("pair");
const anonymous = "anonymous" in document.documentElement.dataset;
let looked = null; // the link to the pair that is looked at
let within = false; // whether the page itself led to the address of today, so that there is a way back

// Whether niteru serves the page: from a disk, or another server, it has no search page beside it.
const served = location.protocol === "file:" ? Promise.resolve(false) : fetch("../healthz").then(
  (response) => response.ok && response.json().then(({ status }) => status === "ok")).catch(() => false);

const isPair = () => location.hash.startsWith("#pair-");
const dataOf = (link) => JSON.parse(link.dataset.pair);

function linkTo(hash) {
  const [one, other] = hash.slice("#pair-".length).split("/");
  const addresses = [`#pair-${one}/${other}`, `#pair-${other}/${one}`];
  return [...document.querySelectorAll("a.pair")].find((link) => addresses.includes(link.getAttribute("href")));
}

async function openPair() {
  if (!isPair()) {
    pairDialog.close();
    return;
  }
  const hash = location.hash;
  const first = hash.slice("#pair-".length).split("/").map(decodeURIComponent);
  let link = looked?.hash === hash ? looked : linkTo(hash);
  for (const name of link ? [] : first) {
    await loadRowOf(name);
    link ??= linkTo(hash);
  }
  if (link && hash === location.hash) show(link);
}

function show(link) {
  looked = link;
  const { people, rows, faces, large, degree: grade, likely: ends, rarity: how, mutual, why, insets } = dataOf(link);
  $("pair-title").textContent = say("pairOf", { one: named(people[0]), other: named(people[1]) });
  pairDialog.querySelectorAll("figure").forEach((figure, side) => {
    showFace(figure, faces[side], large[side], insets?.[side] ?? 0);
    figure.querySelector("figcaption").replaceChildren(nameOf(people[side], rows[side]));
    tint(figure.querySelector(".tint"), why ?? {});
  });
  $("verdict").textContent = `${degree(grade)} · ${rarity(how)}`;
  $("mutual").textContent = mutual ? `⇄ ${say("each")}` : "";
  $("likely").textContent = likely(ends);
  $("where").hidden = !why;
  $("parts").textContent = partsOf(why ?? {}) || say("whyNot");
  const list = others();
  $("previous").hidden = $("next").hidden = list.length < 2;
  offerService(link, people);
  if (!pairDialog.open) pairDialog.showModal();
}

function showFace(figure, face, large, inset) {
  const image = figure.querySelector("img");
  image.src = `faces/${face}${large ? "-large" : ""}.jpg`;
  figure.style.setProperty("--inset", `${100 * inset}%`);
  if (large || anonymous) return;
  served.then((here) => { // the service has the photo
    const sharp = new Image();
    if (here) sharp.src = `../portrait.jpg?image=face:${face}&side=640`;
    sharp.onload = () => { if (image.src.endsWith(`/faces/${face}.jpg`)) image.src = sharp.src; };
  });
}

function nameOf(person, row) {
  const words = document.createElement(row === null ? "span" : "a");
  if (row !== null) words.href = `#p${row}`;
  words.dir = "auto";
  words.textContent = shown(person);
  return words;
}

// Colours the parts of a face: the larger a part's share of the similarity, the stronger its colour.
function tint(veil, why) {
  const most = Math.max(...Object.values(why), 0.01);
  veil.setAttribute("viewBox", `0 0 ${PARTS.side} ${PARTS.side}`);
  veil.replaceChildren(...Object.entries(why).flatMap(([name, part]) => PARTS.parts[name].map(([x, y, right, bottom]) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const where = { x, y, width: right - x, height: bottom - y, opacity: part / most };
    for (const [key, value] of Object.entries(where)) made.setAttribute(key, value);
    made.dataset.part = name;
    return made;
  })));
}

const partsOf = (why) => Object.entries(why).filter(([, part]) => part >= 0.05).sort((one, other) => other[1] - one[1])
  .map(([name, part]) => `${say(`part.${name}`)} ${Math.round(100 * part)}\u00a0%`).join(" · ");

// What the service has of the two.
async function offerService(link, people) {
  $("service").hidden = true;
  if (anonymous || !(await served) || looked !== link) return;
  const [person, other] = people;
  pairDialog.querySelectorAll("figcaption").forEach((words, side) => words.append(question(people[side])));
  $("open").href = `../#/pair/${people.map(encodeURIComponent).join("/")}`;
  $("card").href = `../card.png?${new URLSearchParams({ person, other, format: "square", language })}`;
  $("service").hidden = false;
}

function question(person) {
  const link = document.createElement("a");
  link.className = "small";
  link.href = `../#/person/${encodeURIComponent(person)}`;
  link.textContent = say("like", { name: named(person) });
  return link;
}

const others = () => [...looked.closest("ul, ol").querySelectorAll("a.pair")];

function step(by) {
  const list = others();
  looked = list[(list.indexOf(looked) + by + list.length) % list.length];
  history.replaceState(history.state, "", looked.hash);
  show(looked);
}

pairDialog.addEventListener("close", () => {
  const link = looked;
  looked = null;
  if (isPair() && within) history.back();
  else if (isPair()) history.replaceState(null, "", location.href.split("#")[0]);
  link?.focus({ preventScroll: true });
});
addEventListener("keydown", ({ key }) => {
  if (!looked) return;
  if (key === "ArrowLeft") step(-1);
  if (key === "ArrowRight") step(1);
});
pairDialog.addEventListener("click", ({ target }) => { if (target === pairDialog) pairDialog.close(); });
$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("shut").addEventListener("click", () => pairDialog.close());
$("veil").addEventListener("change", ({ target }) => {
  for (const one of pairDialog.querySelectorAll(".tinted")) one.classList.toggle("bare", !target.checked);
});
addEventListener("spoken", () => { if (looked) show(looked); });
served.then((here) => {
  if (!here) return;
  document.querySelector(".wordmark").href = $("home").href = "../";
  $("home").hidden = false;
});
