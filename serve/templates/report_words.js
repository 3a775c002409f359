"use strict";
// What the report says, in the visitor's language: the sentences of serve/words and indexer/ask/rarity_in_words.py, which
// the page carries with it. The page itself is in English, for whoever has no JavaScript.
const $ = (id) => document.getElementById(id);
const embedded = (id) => JSON.parse($(id).textContent);
const WORDS = embedded("words");
const RESEMBLANCE = embedded("resemblance");
const LANGUAGES = Object.keys(RESEMBLANCE);
let language = preferred();

// One sentence. Numbers are written as the language does, and "n" decides between one and several.
function say(key, values = {}) {
  const forms = WORDS[key][language];
  const text = typeof forms === "string" ? forms : forms[values.n === 1 ? "one" : "other"];
  return text.replace(/\{(\w+)\}/g, (_, name) => inWords(name, values[name]));
}

function inWords(name, value) {
  if (typeof value === "number") return value.toLocaleString(language);
  if (name === "date") return new Date(value).toLocaleDateString(language, { dateStyle: "long", timeZone: "UTC" });
  return value;
}

// A person's name, or what a group is called in the page's language; and the same within a sentence, isolated.
function shown(person) {
  const found = /^unnamed ([1-9][0-9]*)$/.exec(person);
  return found ? say("unnamed", { number: Number(found[1]) }) : person;
}
const named = (person) => `\u2068${shown(person)}\u2069`;

const resemblance = (key) => RESEMBLANCE[language][key];
const degree = (grade) => (grade === "same" ? resemblance("same_person") : resemblance("grades")[grade]);
const frequency = (number) =>
  number === 1 ? resemblance("most") : resemblance("one_in").replace("{number}", number.toLocaleString(language));
const rarity = ([number, sure]) => [frequency(number), ...(sure ? [resemblance("how_sure")[sure]] : [])].join(" · ");
const likely = ([few, many]) =>
  resemblance("likely").replace("{few}", few.toLocaleString(language)).replace("{many}", many.toLocaleString(language));

// Says all that is marked within a part of the page.
function speak(part = document) {
  const each = (mark, act) => {
    for (const one of part.querySelectorAll(`[data-${mark}]`)) act(one, one.dataset[mark]);
  };
  each("say", (one, key) => { one.textContent = say(key, JSON.parse(one.dataset.values ?? "{}")); });
  each("hint", (one, key) => { one.placeholder = say(key); });
  each("label", (one, key) => { one.ariaLabel = say(key); });
  each("name", (one, name) => { one.textContent = shown(name); });
  each("degree", (one, grade) => { one.textContent = degree(grade); });
  each("rarity", (one, values) => { one.textContent = rarity(JSON.parse(values)); });
  each("resemblance", (one, key) => { one.textContent = resemblance(key); });
}

function speakAll() {
  document.documentElement.lang = language;
  document.title = say("title");
  $("language").value = language;
  if ($("follow")) $("follow").href = document.querySelector(`link[hreflang="${language}"]`).href;
  speak();
  dispatchEvent(new Event("spoken"));
}

function preferred() {
  let chosen = null;
  try {
    chosen = localStorage.getItem("language");
  } catch { } // some browsers keep nothing for pages from a disk
  for (const one of [chosen, ...navigator.languages].filter(Boolean)) {
    if (LANGUAGES.includes(one)) return one;
    if (one.startsWith("ja")) return "ja";
    if (/^zh-(Hant|TW|HK|MO)/.test(one)) return "zh-Hant";
    if (one.startsWith("en")) return "en";
  }
  return "en";
}

$("language").addEventListener("change", ({ target }) => {
  language = target.value;
  try {
    localStorage.setItem("language", language);
  } catch { }
  speakAll();
});
$("tools").hidden = false;
speakAll();
