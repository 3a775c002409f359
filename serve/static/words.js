// What the pages say, in the sentences of serve/words/page.json, where each stands in three languages.
import { $, embedded, isolated } from "./elements.js";
import { ofBrowser } from "./memory.js";

const WORDS = embedded("words");
const LANGUAGES = ["en", "ja", "zh-Hant"];
export let language = preferred();

// One sentence. Numbers are written as the language does, and "n" decides between one and several.
export function say(key, values = {}) {
  const forms = WORDS[key][language];
  const text = typeof forms === "string" ? forms : forms[values.n === 1 ? "one" : "other"];
  return text.replace(/\{(\w+)\}/g, (_, name) => inWords(values[name]));
}

const inWords = (value) => (typeof value === "number" ? value.toLocaleString(language) : value);

// The number of a group that nobody has named; null for a person.
export function groupOf(person) {
  const found = /^unnamed ([1-9][0-9]*)$/.exec(person);
  return found ? Number(found[1]) : null;
}

// A person's name, or what a group is called in the page's language; and the same within a sentence.
export const shown = (person) => (groupOf(person) === null ? person : say("unnamed", { number: groupOf(person) }));
export const named = (person) => isolated(shown(person));

// Says something beneath the header, and again when the language changes.
let told = () => "";
export function tell(words) {
  told = words;
  $("status").textContent = words();
}

// What is said next time something else is shown; by default nothing.
let parting = null;
export const tellNext = (words) => { parting = words; };
export function tellAnew() {
  tell(parting ?? (() => ""));
  parting = null;
}

function sayMarked(end = "") {
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say) + end;
}

// A word that Chromium drew before its font came stays boxes even when it is said again, unless it is another word:
// with a blank of no width.
document.fonts.addEventListener("loadingdone", () => { if (language !== "en") sayMarked("\u200b"); });

// Says everything on the page in a language; whoever fills in the rest listens for "spoken".
export function speak(chosen = language) {
  language = chosen;
  document.documentElement.lang = chosen;
  $("language").value = chosen;
  sayMarked();
  for (const one of document.querySelectorAll("[data-hint]")) one.placeholder = say(one.dataset.hint);
  for (const one of document.querySelectorAll("[data-label]")) one.ariaLabel = say(one.dataset.label);
  tell(told);
  dispatchEvent(new Event("spoken"));
}

function preferred() {
  for (const one of [ofBrowser.getItem("language"), ...navigator.languages].filter(Boolean)) {
    if (LANGUAGES.includes(one)) return one;
    if (one.startsWith("ja")) return "ja";
    if (/^zh-(Hant|TW|HK|MO)/.test(one)) return "zh-Hant";
    if (one.startsWith("en")) return "en";
  }
  return "en";
}

$("language").addEventListener("change", ({ target }) => {
  ofBrowser.setItem("language", target.value);
  speak(target.value);
});
