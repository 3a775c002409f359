"use strict";
// Loads the rows of the report as they are scrolled to or searched for; without it the page has only the first ones.
// Rows are scripts, since a page that is opened from a folder may load nothing else.
const chunks = [...document.querySelectorAll(".chunk")];
const size = Number(document.getElementById("everybody").dataset.size);
const search = document.getElementById("search");
const MOST_FOUND = 60;
const loads = new Map();
let people = null;

const load = (file) => {
  if (!loads.has(file)) {
    loads.set(file, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `rows/${file}.js`;
      script.onload = resolve;
      script.onerror = () => {
        loads.delete(file);
        reject(new Error(script.src));
      };
      document.head.append(script);
    }));
  }
  return loads.get(file);
};

// The files of rows and names call these.
globalThis.rows = (number, html) => {
  chunks[number].innerHTML = html;
  chunks[number].style.removeProperty("--height");
};
globalThis.names = (list) => { people = list.map((words) => words.toLowerCase()); };

const chunkOf = async (person) => {
  const number = Math.floor(person / size);
  if (number) await load(number);
  return chunks[number];
};

const find = async () => {
  const text = search.value.trim().toLowerCase();
  await load("names");
  const found = text ? people.flatMap((words, number) => (words.includes(text) ? [number] : [])) : [];
  const shown = new Set(found.slice(0, MOST_FOUND));
  for (const person of shown) await chunkOf(person);
  if (text !== search.value.trim().toLowerCase()) return; // the search has changed meanwhile
  for (const chunk of chunks) chunk.hidden = Boolean(text) && !chunk.firstElementChild;
  for (const row of document.querySelectorAll(".row")) row.hidden = Boolean(text) && !shown.has(Number(row.id.slice(1)));
  const more = found.length > MOST_FOUND ? `, the first ${MOST_FOUND} are shown` : "";
  document.getElementById("hits").textContent = text ? `${found.length} found${more}` : "";
};

const jump = async () => {
  const person = /^#p([0-9]+)$/.exec(location.hash);
  if (!person) return;
  if (search.value) {
    search.value = "";
    await find();
  }
  await chunkOf(Number(person[1]));
  const row = document.getElementById(`p${person[1]}`);
  // Rows get their true height only when they come near, so the target moves a little each time.
  for (let times = 0; row && times < 5; times += 1) {
    row.scrollIntoView({ block: "center" });
    await new Promise(requestAnimationFrame);
  }
};

const near = new IntersectionObserver((seen) => {
  for (const one of seen) if (one.isIntersecting && !one.target.firstElementChild) load(chunks.indexOf(one.target));
}, { rootMargin: "1500px" });
for (const chunk of chunks.slice(1)) {
  chunk.style.setProperty("--height", `${13 * chunk.dataset.rows}rem`);
  near.observe(chunk);
}
search.hidden = false;
search.addEventListener("input", find);
addEventListener("hashchange", jump);
jump();
