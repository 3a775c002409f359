// The answer: whom a person, a face of the gallery, or a visitor's photo looks like.
import { askedPhoto } from "./ask.js";
import { $, button, element } from "./elements.js";
import { cutOut, ofFace, showFace, showPicture, tint } from "./pictures.js";
import { openPerson } from "./person.js";
import { answerTo, questionOf } from "./question.js";
import { degree, likely, nobodyAlike, surely } from "./resemblance.js";
import { showReported } from "./reported.js";
import { addressOf, askMore, go, toPair, toPerson } from "./route.js";
import { problem, root } from "./service.js";
import { offerCard } from "./share.js";
import { showStars, star } from "./tray.js";
import { named, say, shown, tell, tellNext } from "./words.js";

export async function openAnswer(route, still) {
  const question = questionOf(route);
  if (route.view === "photo" && !question.photo) {
    tellNext(() => say("photoGone"));
    go(addressOf("home"));
    return;
  }
  $("whose").textContent = heading(route);
  wait();
  const { ok, answer } = await answerTo(question, route.where, route.more);
  if (!still()) return;
  tell(() => (ok ? remark(answer, route) : problem(answer)));
  if (!ok) {
    $("hero").hidden = true;
    $("whose").textContent = "";
    showMore(route, { face: {} }, []);
    if (route.view === "photo") showAskedAlone();
    return;
  }
  await showAnswer(route, answer);
  if (route.view === "person") openPerson(answer.query.person, still).then(() => showReported(answer.query.person, still));
  if (answer.results.length) explain(question, route, still);
}

// The places of the faces are there before them, so that nothing moves when they come.
function wait() {
  for (const id of ["results", "about", "reported"]) $(id).hidden = true;
  $("hero").hidden = $("best").hidden = false;
  $("hero").classList.remove("alone");
  for (const frame of [$("asked"), $("first")]) {
    const image = frame.querySelector("img");
    image.removeAttribute("src");
    image.alt = "";
    frame.hidden = false;
    tint(frame, {});
  }
  for (const id of ["choose", "who", "name", "degree", "columns", "pick", "nobody"]) $(id).replaceChildren();
  $("frequency").textContent = say("looking");
  for (const id of ["onward", "veil"]) $(id).hidden = true;
  for (const one of document.querySelectorAll(".share")) one.hidden = true;
}

function heading({ view, parts: [who] }) {
  if (view === "person") return say("like", { name: named(who) });
  return say(view === "photo" ? "youLookLike" : "likePhoto");
}

function remark({ query, results }, { where }) {
  if (query.passing === 0) return say("filteredOut");
  if (!results.length) return say(where.length ? "nobodyElse" : "nobody");
  if ((query.boxes ?? []).length > 1) return say("several");
  const { without_birth_year: unborn = 0, without_date: undated = 0 } = query.age ?? {};
  return unborn + undated ? say("ageless", { n: unborn + undated }) : "";
}

async function showAnswer(route, answer) {
  const { query, results } = answer;
  showMore(route, query, results);
  const [best, ...others] = results;
  $("hero").hidden = false;
  $("hero").classList.toggle("alone", !best);
  $("nobody").textContent = best && answer.nobody_alike ? nobodyAlike() : "";
  $("best").hidden = !best;
  $("frequency").replaceChildren();
  if (best) showBest(route, best);
  $("results").hidden = !others.length;
  $("others").replaceChildren(...others.map((row) => card(route, row)));
  showStars();
  offerCard(route, answer);
  showAsked(route, query);
  if (route.view === "photo") await showVisitor(query);
}

// At which age, and without relatives: where something is known of them.
function showMore({ view, more }, { face, relatives }, results) {
  $("atAge").hidden = view !== "person" || !(more.age || face.age !== undefined);
  $("age").value = more.age ?? "";
  $("strangers").hidden = !more.not_related && !relatives && !results.some(({ related }) => related);
  $("strangers").querySelector("input").checked = Boolean(more.not_related);
}

function showAsked({ view }, query) {
  $("who").textContent = view === "photo" ? say("asked") : shown(query.person ?? "");
  tint($("asked"), {});
  if (view !== "photo") showFace($("asked"), query.face.id, say("faceOf", { name: named(query.person ?? "") }));
}

// The visitor's face as the gallery's are shown, and a button for each other face in the photo.
async function showVisitor({ face, boxes }) {
  const photo = await visitorsPhoto();
  $("asked").hidden = !photo; // a browser that cannot read HEIC has no face to show
  if (photo) {
    const { address, inset } = cutOut(photo, face.landmarks);
    showPicture($("asked"), address, say("asked"), inset);
  }
  if (boxes.length < 2) return;
  $("choose").replaceChildren(...boxes.map((box, place) => {
    const one = button(() => go(addressOf("photo", [String(place)])), { ariaLabel: say("face", { number: place + 1 }) },
      photo ? thumbnail(photo, box) : element("span", { textContent: String(place + 1) }));
    one.setAttribute("aria-pressed", String(String(box) === String(face.box)));
    return one;
  }));
}

async function showAskedAlone() {
  const photo = await visitorsPhoto();
  if (!photo) return;
  $("hero").hidden = false;
  $("hero").classList.add("alone");
  $("best").hidden = true;
  $("whose").textContent = say("asked");
  $("frequency").replaceChildren();
  showPicture($("asked"), photo.src, say("asked"));
}

// The photo, if the browser can read it: some cannot read HEIC.
async function visitorsPhoto() {
  const photo = element("img", { src: askedPhoto().picture });
  return photo.decode().then(() => photo, () => null);
}

function thumbnail(photo, [x, y, width, height]) {
  const side = Math.max(width, height) * 1.3;
  const canvas = element("canvas", { width: 112, height: 112 });
  canvas.getContext("2d").drawImage(photo, x + (width - side) / 2, y + (height - side) / 2, side, side, 0, 0, 112, 112);
  return canvas;
}

const pairWith = ({ view, parts }, row) => {
  const [who] = parts;
  if (view === "person") return toPair(who, row.person);
  return view === "photo" ? addressOf("photo", [/^[0-9]+$/.test(who) ? who : "main", row.person]) : addressOf("face", [who, row.person]);
};

function showBest(route, row) {
  $("best").querySelector("a").href = pairWith(route, row);
  $("best").querySelector("a").ariaLabel = say("compare", { name: named(row.person) });
  showFace($("first"), row.faces[0].id, say("faceOf", { name: named(row.person) }), 448);
  tint($("first"), {});
  $("name").replaceChildren(whoIs(row));
  $("degree").textContent = degree(row);
  $("degree").classList.toggle("mark", row.same_person);
  $("frequency").replaceChildren(...surely(row));
  $("frequency").title = likely(row);
  $("columns").replaceChildren(...columnsOf(row));
  $("pick").replaceChildren(star(row.person));
  $("onward").textContent = say("like", { name: named(row.person) });
  $("onward").href = toPerson(row.person);
  $("onward").hidden = Boolean(row.group);
}

const whoIs = ({ person, group }) => (group
  ? element("a", { href: `${root}/who-is-this#${group}`, textContent: shown(person) })
  : element("bdi", { textContent: shown(person) }));

const columnsOf = ({ columns, related, faces: [{ age }] }) => [
  ...(related ? [element("span", { className: "small", textContent: say("related") })] : []),
  ...(age === undefined ? [] : [element("span", { className: "small", textContent: say("aged", { n: age }) })]),
  ...Object.entries(columns).map(([column, values]) =>
    element("span", { className: "small", dir: "auto", textContent: `${column}: ${values.join(", ")}` })),
];

function card(route, row) {
  const picture = element("img", { className: "face", src: ofFace(row.faces[0].id, 200), loading: "lazy", width: 200, height: 200,
    alt: say("faceOf", { name: named(row.person) }) });
  const link = element("a", { href: pairWith(route, row), ariaLabel: say("compare", { name: named(row.person) }) }, picture);
  return element("li", {}, link, element("span", { className: "words" },
    element("strong", {}, whoIs(row)),
    element("span", { className: row.same_person ? "mark" : "", textContent: degree(row) }),
    element("span", { className: "small", title: likely(row) }, ...surely(row)),
    ...columnsOf(row)), ...(row.group ? [] : [star(row.person)]));
}

// Where the first likeness lies, as a tint on both faces; it takes longer than the answer, and comes after it.
async function explain(question, route, still) {
  const { ok, answer } = await answerTo(question, route.where, { ...route.more, k: 1, explain: 1 });
  const why = ok ? answer.results[0]?.why : null;
  if (!still() || !why) return;
  for (const frame of [$("asked"), $("first")]) tint(frame, why);
  $("veil").hidden = false;
}

$("atAge").addEventListener("submit", (event) => {
  event.preventDefault();
  askMore({ age: $("age").value.trim() });
});
$("strangers").addEventListener("change", ({ target }) => askMore({ not_related: target.checked ? "1" : "" }));
$("veil").addEventListener("change", ({ target }) => $("hero").classList.toggle("bare", !target.checked));
