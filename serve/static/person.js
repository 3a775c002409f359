// What is known of a person, beneath those who look like them: what tables say, and all of their photos.
import { $, element } from "./elements.js";
import { ofFace } from "./pictures.js";
import { addressOf } from "./route.js";
import { read } from "./service.js";
import { named, say } from "./words.js";

let shownPerson = { person: "", faces: [] };

export const facesShown = () => shownPerson;

export async function openPerson(name, still) {
  const { ok, answer } = await read(`/people/${encodeURIComponent(name)}`);
  if (!ok || !still()) return;
  shownPerson = answer;
  const { person, columns, faces } = answer;
  $("about").hidden = false;
  $("said").replaceChildren(...Object.entries(columns).flatMap(([column, values]) => [
    element("dt", { textContent: column, dir: "auto" }), element("dd", { textContent: values.join(", "), dir: "auto" })]));
  $("photosTitle").textContent = say("photoCount", { n: faces.length });
  $("photos").replaceChildren(...faces.map(({ id }, place) => {
    const alt = say("photo", { number: place + 1, name: named(person) });
    const image = element("img", { className: "face", src: ofFace(id, 130), alt, width: 130, height: 130, loading: "lazy" });
    return element("li", {}, element("a", { href: toPhoto(person, id) }, image));
  }));
}

export const toPhoto = (person, id) => addressOf("person", [person, "photo", String(id)]);
