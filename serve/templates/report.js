"use strict";
// Loads the rows of the report as they are scrolled to or searched for; without it the page has only the first ones.
// Rows are scripts, since a page that is opened from a folder may load nothing else.
const chunks = [...document.querySelectorAll(".chunk")];
const size = Number($("rows")?.dataset.size);
const search = $("search");
const MOST_FOUND = 60;
const MOST_NAMED = 10;
const rowed = chunks.reduce((sum, chunk) => sum + Number(chunk.dataset.rows), 0); // of very many, not everybody has a row
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
  speak(chunks[number]);
};
globalThis.names = (list) => { people = list; };

const loadChunk = (number) => (number ? load(number) : null);
const loadRow = (person) => loadChunk(Math.floor(person / size));
const nameAt = (person) => people[person].split("\n")[0];

async function loadRowOf(name) {
  if (!chunks.length) return;
  await load("names");
  const person = people.findIndex((_, number) => nameAt(number) === name);
  if (person >= 0 && person < rowed) await loadRow(person);
}

let found = null; // how many the search found, of whom so many are shown, and those who have no row
const tellHits = () => {
  if (!found) {
    $("hits").textContent = "";
    return;
  }
  const { n, rowless } = found;
  const told = n > MOST_FOUND ? [say("foundFirst", { n, shown: MOST_FOUND })] : n ? [say("found", { n })] : [];
  if (rowless.length) {
    const names = rowless.slice(0, MOST_NAMED).map((person) => named(nameAt(person))).join(", ");
    told.push(say("foundElsewhere", { n: rowless.length, names: rowless.length > MOST_NAMED ? `${names} …` : names }));
  }
  $("hits").textContent = told.length ? told.join(" · ") : say("unfound");
};

const find = async () => {
  const text = search.value.trim().toLowerCase();
  await load("names");
  const met = text ? people.flatMap((words, number) => (words.toLowerCase().includes(text) ? [number] : [])) : [];
  const hits = met.filter((person) => person < rowed);
  const shown = new Set(hits.slice(0, MOST_FOUND));
  for (const person of shown) await loadRow(person);
  if (text !== search.value.trim().toLowerCase()) return; // the search has changed meanwhile
  for (const chunk of chunks) chunk.hidden = Boolean(text) && !chunk.firstElementChild;
  for (const row of document.querySelectorAll(".row")) row.hidden = Boolean(text) && !shown.has(Number(row.id.slice(1)));
  found = text ? { n: hits.length, rowless: met.slice(hits.length) } : null;
  tellHits();
};

const jump = async () => {
  const person = /^#p([0-9]+)$/.exec(location.hash);
  $("back").hidden = !person || !within;
  if (!person) return;
  if (search.value) {
    search.value = "";
    await find();
  }
  await loadRow(Number(person[1]));
  const row = $(`p${person[1]}`);
  // Rows get their true height only when they come near, so the target moves a little each time.
  for (let times = 0; row && times < 5; times += 1) {
    row.scrollIntoView({ block: "center", behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
};

// Everybody on paper: what has not been scrolled to is loaded first.
const printAll = async () => {
  for (const number of chunks.keys()) await loadChunk(number);
  const images = [...document.querySelectorAll("main img")];
  for (const image of images) image.loading = "eager";
  await Promise.allSettled(images.map((image) => image.decode()));
  print();
};

const near = new IntersectionObserver((seen) => {
  for (const one of seen) if (one.isIntersecting && !one.target.firstElementChild) load(chunks.indexOf(one.target));
}, { rootMargin: "1500px" });
for (const chunk of chunks.slice(1)) {
  chunk.style.setProperty("--height", `${15 * chunk.dataset.rows}rem`);
  near.observe(chunk);
}
if (search) {
  search.disabled = false;
  search.addEventListener("input", find);
}
$("print").addEventListener("click", printAll);
$("larger")?.addEventListener("change", ({ target }) => $("map").classList.toggle("larger", target.checked));
$("back").addEventListener("click", () => history.back());
addEventListener("spoken", tellHits);

const arrive = () => {
  openPair();
  jump();
};
// Where one was is kept with the address that one leaves, since rows change their height meanwhile.
addEventListener("click", ({ target }) => {
  if (target.closest?.('a[href^="#"]')) history.replaceState({ y: scrollY }, "");
}, true);
addEventListener("popstate", ({ state }) => {
  if (state?.y !== undefined) requestAnimationFrame(() => scrollTo({ top: state.y, behavior: "instant" }));
});
addEventListener("hashchange", () => {
  within = true;
  arrive();
});
arrive();
