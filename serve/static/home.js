"use strict";
// The search page: a question, and its answer.

// How alike a row is, in the sentences of indexer/ask/rarity_in_words.py.
const RESEMBLANCE = JSON.parse($("resemblance").textContent);
const alike = () => RESEMBLANCE[language];
const degree = (row) => (row.same_person ? alike().same_person : alike().grades[row.grade]);
const frequency = ({ one_in: number }) =>
  number === 1 ? alike().most : alike().one_in.replace("{number}", number.toLocaleString("en"));
const surely = (row) => [`${frequency(row)} · `, element("span", { className: "whole", textContent: alike().how_sure[row.how_sure] })];
// One pair in so many, as one_in() there rounds it.
const oneIn = (rarity) => Number(rarity > 0.1 ? Math.round(1 / rarity) : (1 / rarity).toPrecision(2)).toLocaleString("en");
const likely = ({ rarity_from: rarest, rarity_to: common }) =>
  alike().likely.replace("{few}", oneIn(common)).replace("{many}", oneIn(rarest));

// The question on the page; it is asked again for another face, or for an explanation.

let question = null; // { url, body, picture, whose, person, extra }
let answered = null;
let number = 0;

function send({ url, body }, extra = {}) {
  const query = new URLSearchParams([...Object.entries(extra), ...inFilters()]);
  return read(url + (url.includes("?") ? "&" : "?") + query, body ? { method: "POST", body: body() } : {});
}

async function ask(asked, extra = {}) {
  const mine = ++number;
  question = { ...asked, extra, explained: null };
  answered = null;
  if ($("preview").src !== asked.picture) URL.revokeObjectURL($("preview").src);
  $("preview").src = asked.picture;
  $("whose").textContent = asked.whose ?? "";
  $("probe").hidden = false;
  $("share").hidden = !asked.card;
  linkCard();
  $("invite").textContent = say().another;
  tell(() => say().looking);
  show({ results: [] }); // answers to the question before
  const { ok, answer } = await send(asked, extra);
  if (mine !== number) return; // a newer question is on its way
  answered = ok ? answer : null;
  showBoxes(ok ? answer.query : null);
  if (ok && answer.query.face.crop) $("preview").src = question.picture = answer.query.face.crop;
  show(ok ? answer : { results: [] });
  tell(() => (ok ? remark(answer) : problem(answer)));
}

function remark({ query, results }) {
  if (query.passing === 0) return say().filteredOut;
  if (!results.length) return filters.length ? say().nobodyElse : say().nobody;
  return (query.boxes ?? []).length > 1 ? say().several : "";
}

function linkCard() {
  $("share").href = question?.card ? `${question.card}&language=${language}` : "";
}

function askWithPhoto(file) {
  if (!file) return;
  const body = () => {
    const form = new FormData();
    form.append("image", file, "photo");
    return form;
  };
  ask({ url: `${root}/similar`, body, picture: URL.createObjectURL(file) });
}

async function askWithPerson(name) {
  const { ok, answer } = await read(`${root}/people/${encodeURIComponent(name)}`);
  if (!ok) {
    if (answer.type === "person-not-found") await listPeople();
    tell(() => problem(answer));
    return;
  }
  const { faces } = answer;
  const person = encodeURIComponent(name);
  await ask({ url: `${root}/similar?person=${person}`, person: name, picture: faces[0].crop, whose: say().like(isolated(shown(name))),
    card: `${root}/card.png?person=${person}` });
  $("probe").scrollIntoView({ behavior: "smooth" });
}

// The answer.

function showBoxes(query) {
  const boxes = query?.boxes ?? [];
  const image = $("preview");
  const chosen = String(query?.face.box);
  const buttons = boxes.length < 2 ? [] : boxes.map((box, place) => {
    const button = element("button", { type: "button", ariaLabel: say().face(place + 1) });
    button.setAttribute("aria-pressed", String(String(box) === chosen));
    const [x, y, width, height] = box;
    const put = () => {
      button.style.left = `${(100 * x) / image.naturalWidth}%`;
      button.style.top = `${(100 * y) / image.naturalHeight}%`;
      button.style.width = `${(100 * width) / image.naturalWidth}%`;
      button.style.height = `${(100 * height) / image.naturalHeight}%`;
    };
    if (image.complete) put(); else image.addEventListener("load", put, { once: true });
    button.addEventListener("click", () => ask(question, { face: place }));
    return button;
  });
  $("boxes").replaceChildren(...buttons);
}

function card(row) {
  const [first, ...others] = row.faces;
  const picture = element("img", { className: "face", src: first.crop, alt: say().faceOf(isolated(shown(row.person))) });
  const words = element("span", { className: "words" },
    element("strong", { textContent: shown(row.person), dir: "auto" }),
    element("span", { className: row.same_person ? "mark" : "", textContent: degree(row) }),
    element("span", { className: "small", title: likely(row) }, ...surely(row)),
    ...Object.entries(row.columns).map(([column, values]) =>
      element("span", { className: "small", dir: "auto", textContent: `${column}: ${values.join(", ")}` })));
  const more = element("span", { className: "more" },
    ...others.map((face) => element("img", { src: face.crop, alt: "" })));
  const button = element("button", { type: "button", ariaLabel: say().compare(isolated(shown(row.person))) }, picture, more, words);
  button.addEventListener("click", () => compare(row));
  return element("li", {}, button, row.group ? toPile(row.group) : star(row.person));
}

const toPile = (group) =>
  element("a", { className: "small pile", href: `${root}/who-is-this#${group}`, textContent: say().nameThem });

function show({ results, nobody_alike: nobody }) {
  $("results").hidden = results.length === 0;
  $("heading").textContent = nobody ? alike().nobody_alike : say().results;
  $("results").querySelector("ol").replaceChildren(...results.map(card));
  showTray();
}

// The camera.

let stream = null;

async function openCamera() {
  stream = await navigator.mediaDevices?.getUserMedia({ video: { facingMode: "user" } }).catch(() => null);
  if (!stream) {
    tell(() => say().noCamera);
    return;
  }
  $("film").srcObject = stream;
  $("filming").showModal();
}

function shoot() {
  const film = $("film");
  const canvas = element("canvas", { width: film.videoWidth, height: film.videoHeight });
  canvas.getContext("2d").drawImage(film, 0, 0);
  $("filming").close();
  canvas.toBlob((photo) => askWithPhoto(photo), "image/jpeg", 0.95);
}

// Everybody.

let everybody = [];
let groups = 0; // of faces that nobody has named

function linkGroups() {
  $("groups").hidden = !groups;
  $("groups").textContent = say().whoIsThis(groups);
}

async function listPeople() {
  const { ok, answer } = await read(`${root}/people`);
  if (!ok) {
    tell(() => problem(answer));
    return;
  }
  groups = answer.groups;
  linkGroups();
  everybody = answer.people.map(({ person, columns: said }) => ({ person, values: Object.values(said).flat() }));
  showNames();
  dropFromTray(everybody);
}

// People are found by name, or by what a table says of them, which then stands beside the name.
function showNames() {
  const wanted = $("search").value.trim().toLocaleLowerCase();
  const has = (text) => text.toLocaleLowerCase().includes(wanted);
  const found = everybody.map(({ person, values }) => ({ person, by: has(person) ? "" : values.find(has) }))
    .filter(({ by }) => by !== undefined);
  $("everybody").querySelector("ul").replaceChildren(...found.slice(0, 500).map(({ person, by }) => {
    const button = element("button", { type: "button" }, element("bdi", { textContent: person }));
    if (by) button.append(" ", element("bdi", { className: "small", textContent: by }));
    button.addEventListener("click", () => askWithPerson(person));
    return element("li", {}, button);
  }));
  $("unfound").textContent = everybody.length && !found.length ? say().unfound : "";
}

// Words.

addEventListener("spoken", () => {
  $("results").setAttribute("aria-label", say().results);
  $("everybody").setAttribute("aria-label", say().everybody);
  linkCard();
  linkGroups();
  showFilters();
  showNames();
  showTray();
  tell(told);
  if (answered) {
    $("invite").textContent = say().another;
    show(answered);
    showBoxes(answered.query);
  }
});

$("photo").addEventListener("change", (event) => askWithPhoto(event.target.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") askWithPhoto(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => askWithPhoto(event.clipboardData.files[0]));
$("camera").addEventListener("click", openCamera);
$("shoot").addEventListener("click", shoot);
$("stop").addEventListener("click", () => $("filming").close());
$("filming").addEventListener("close", () => stream?.getTracks().forEach((track) => track.stop()));
$("search").addEventListener("input", showNames);
