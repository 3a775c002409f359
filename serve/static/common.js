"use strict";
// What every page needs.

const $ = (id) => document.getElementById(id);
let language = preferred();
// The path under which a proxy shows the service; empty without one.
const root = document.documentElement.dataset.root;
const say = () => WORDS[language];

// Keeps the writing direction of a name from spreading to the sentence around it.
const isolated = (name) => `\u2068${name}\u2069`;

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

// A person's name; of a group that nobody has named, what it is called in the page's language.
function shown(person) {
  const group = /^unnamed ([1-9][0-9]*)$/.exec(person);
  return group ? say().unnamed(group[1]) : person;
}

async function read(address, options = {}) {
  const response = await fetch(address, options).catch(() => null);
  const answer = response ? await response.json() : { title: say().silent, detail: "" };
  return { ok: Boolean(response && response.ok), answer };
}

const problem = ({ title, detail }) => (detail ? `${title}: ${detail}` : title);

// Says everything on the page in a language; whoever fills in the rest listens for "spoken".
function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  $("language").value = chosen;
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say()[one.dataset.say];
  for (const one of document.querySelectorAll("[data-hint]")) one.placeholder = say()[one.dataset.hint];
  dispatchEvent(new Event("spoken"));
}

$("language").addEventListener("change", (event) => {
  localStorage.setItem("language", event.target.value);
  speak(event.target.value);
});
