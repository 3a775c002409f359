"use strict";
const $ = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function inWords(rarity) {
  // Rounded down, so that it never says 100 %.
  const digits = rarity >= 0.01 ? 0 : rarity >= 0.001 ? 1 : rarity >= 0.0001 ? 2 : 3;
  const share = Math.min(Math.floor((1 - rarity) * 100 * 10 ** digits + 1e-6) / 10 ** digits, 99.999);
  return `closer than ${share.toFixed(digits)} % of pairs`;
}

function card(row) {
  const [first, ...others] = row.faces;
  const picture = element("img", { className: "face", src: first.crop, alt: `Face of ${row.person}` });
  const words = element("div", { className: "words" },
    element("strong", { textContent: row.person }), element("br"),
    element("span", { className: "small", textContent: inWords(row.rarity) }));
  const more = element("div", { className: "more" },
    ...others.map((face) => element("img", { src: face.crop, alt: "" })));
  return element("li", {}, picture, more, words);
}

function show(section, rows) {
  $(section).hidden = rows.length === 0;
  $(section).querySelector("ol").replaceChildren(...rows.map(card));
}

let asked = 0;

async function ask(request) {
  const mine = ++asked;
  $("status").textContent = "Looking…";
  const response = await fetch(...request).catch(() => null);
  const body = response ? await response.json() : { title: "The service does not answer", detail: "" };
  if (mine !== asked) return; // a newer question is on its way
  if (!response || !response.ok) {
    show("same", []);
    show("results", []);
    $("status").textContent = `${body.title}. ${body.detail}`;
    return;
  }
  show("same", body.same_person);
  show("results", body.results);
  $("status").textContent = body.results.length ? "" : "Nobody here is like that.";
}

function askWithPhoto(file) {
  if (!file) return;
  $("preview").src = URL.createObjectURL(file);
  $("preview").hidden = false;
  $("invite").textContent = "Another photo?";
  const form = new FormData();
  form.append("image", file);
  ask(["/similar", { method: "POST", body: form }]);
}

async function askWithPerson(name) {
  const response = await fetch(`/people/${encodeURIComponent(name)}`);
  if (!response.ok) {
    $("status").textContent = `${name} is not here any more.`;
    return;
  }
  const { faces } = await response.json();
  $("preview").src = faces[0].crop;
  $("preview").hidden = false;
  $("invite").textContent = `People who look like ${name}`;
  await ask([`/similar?image=face:${faces[0].id}`]);
  $("results").scrollIntoView({ behavior: "smooth" });
}

async function listPeople() {
  const response = await fetch("/people");
  if (!response.ok) {
    const { title, detail } = await response.json();
    $("status").textContent = `${title}: ${detail}.`;
    return;
  }
  const { people } = await response.json();
  const items = people.map(({ person }) => {
    const button = element("button", { type: "button", textContent: person });
    button.addEventListener("click", () => askWithPerson(person));
    return element("li", {}, button);
  });
  $("everybody").querySelector("ul").replaceChildren(...items);
}

$("photo").addEventListener("change", (event) => askWithPhoto(event.target.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") askWithPhoto(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => askWithPhoto(event.clipboardData.files[0]));
listPeople();
