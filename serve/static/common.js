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

// The number of a group that nobody has named; null for a person.
function groupOf(person) {
  const found = /^unnamed ([1-9][0-9]*)$/.exec(person);
  return found ? Number(found[1]) : null;
}

// A person's name; of a group, what it is called in the page's language.
const shown = (person) => (groupOf(person) === null ? person : say().unnamed(groupOf(person)));

// What came back; null where nothing did, or what a proxy wrote instead.
const jsonOf = async (response) => (await response?.json().catch(() => null)) ?? null;

async function read(address, options = {}) {
  const response = await fetch(address, options).catch(() => null);
  const answer = await jsonOf(response);
  return { ok: Boolean(response?.ok && answer), answer: answer ?? {} };
}

// What went wrong and what to do, in the sentences of serve/http/problems_in_words.py.
const PROBLEMS = JSON.parse($("problems").textContent);
const problem = ({ type, request_id: request }) =>
  PROBLEMS[type]?.[language].replace("{request_id}", request) ?? say().silent;

// Shows what a function says, and again when the language changes.
let told = () => "";
function tell(words) {
  told = words;
  $("status").textContent = words();
}

// Says everything on the page in a language; whoever fills in the rest listens for "spoken".
function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  $("language").value = chosen;
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say()[one.dataset.say];
  for (const one of document.querySelectorAll("[data-hint]")) one.placeholder = say()[one.dataset.hint];
  tell(told);
  dispatchEvent(new Event("spoken"));
}

$("language").addEventListener("change", (event) => {
  localStorage.setItem("language", event.target.value);
  speak(event.target.value);
});
