// A photo of a person, whole, with everybody who is in it; and corrections by the owner.
import { $, button, element } from "./elements.js";
import { ofFace } from "./pictures.js";
import { facesShown, openPerson, toPhoto } from "./person.js";
import { forgetAnswers } from "./question.js";
import { toFace, toPerson } from "./route.js";
import { mayWrite, problem, read, root, write } from "./service.js";
import { named, say, shown } from "./words.js";

const LARGE = 1600, WHOLE = 4096;
let looked = null; // id of the face that is looked at

let opened = false; // from its person's page, to which Back leads, too

// The address says which photo is open; without one, none is.
export async function openViewer({ view, parts: [person, what, id] }, fromPage = false) {
  if (view !== "person" || what !== "photo") {
    closeViewer();
    return;
  }
  looked = Number(id);
  const mine = looked;
  $("viewerTitle").textContent = shown(person);
  $("corrected").replaceChildren();
  if (!$("viewer").open) {
    $("viewer").showModal();
    opened = fromPage;
  }
  const { ok, answer } = await read(`/faces/${looked}`);
  if (mine !== looked) return;
  if (ok) showPhoto(person, answer); else $("corrected").textContent = problem(answer);
}

export const closeViewer = () => $("viewer").close();

function showPhoto(person, { id, size, in_photo: faces }) {
  const address = `${root}/photo.jpg?image=face:${id}&side=`;
  const image = $("whole");
  image.src = size ? `${address}${LARGE}` : ofFace(id, 448);
  image.alt = say("photo", { number: place(id) + 1, name: named(person) });
  if (size) [image.width, image.height] = size; else { image.width = image.height = 448; }
  $("away").hidden = Boolean(size);
  $("original").hidden = !size;
  $("original").href = `${address}${WHOLE}`;
  $("frames").replaceChildren(...(size ? faces.map((face) => frame(face, size, id)) : []));
  $("askFace").href = toFace(id);
  const many = facesShown().faces.length > 1;
  for (const [name, by] of [["previous", -1], ["next", 1]]) {
    $(name).hidden = !many;
    $(name).onclick = () => step(person, id, by);
  }
  $("corrections").hidden = !mayWrite;
  $("notThem").textContent = say("notThem", { name: named(person) });
  $("notThem").onclick = () => correct(person, id, { split: true }, "notThemDone");
  $("notFace").onclick = () => correct(person, id, { no_face: true }, "notFaceDone");
}

const place = (id) => facesShown().faces.findIndex((face) => face.id === id);

function step(person, id, by) {
  const { faces } = facesShown();
  const to = faces[(place(id) + by + faces.length) % faces.length];
  history.replaceState(null, "", toPhoto(person, to.id));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

// A box around each face of the photo; whoever has a name can be followed.
function frame({ id, person, box: [x, y, width, height] }, [wide, high], mine) {
  const name = person ? shown(person) : say("somebody");
  const made = element(person ? "a" : "span", { className: id === mine ? "mine" : "", title: name });
  if (person) Object.assign(made, { href: toPerson(person), ariaLabel: name });
  const [left, top, across, down] = [x / wide, y / high, width / wide, height / high].map((share) => `${100 * share}%`);
  Object.assign(made.style, { left, top, width: across, height: down });
  return made;
}

async function correct(person, id, what, done) {
  const { ok, answer } = await write("/names", { who: [`face:${id}`], ...what });
  $("corrected").textContent = ok ? say(done) : problem(answer);
  if (!ok) return;
  $("corrections").hidden = true;
  $("corrected").append(" ", button(() => takeBack(person, id), {}, say("undo")));
  outdated(person);
}

async function takeBack(person, id) {
  const { ok, answer } = await read("/names/last", { method: "DELETE" });
  $("corrected").textContent = ok ? say("undoneOne") : problem(answer);
  $("corrections").hidden = !ok;
  outdated(person);
  if (ok) looked = id;
}

function outdated(person) {
  forgetAnswers();
  dispatchEvent(new Event("outdated"));
  openPerson(person, () => true);
}

$("shut").addEventListener("click", closeViewer);
$("viewer").addEventListener("close", () => {
  if (looked === null || $("viewer").open) return; // closed by us, or opened again before this was told
  looked = null;
  const [, person] = /^#\/person\/([^/]+)\/photo\//.exec(location.hash) ?? [];
  if (!person) return;
  if (opened) history.back();
  else {
    history.replaceState(null, "", toPerson(decodeURIComponent(person)));
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
});
$("viewer").addEventListener("keydown", ({ key }) => {
  if (key === "ArrowLeft") $("previous").click();
  if (key === "ArrowRight") $("next").click();
});
