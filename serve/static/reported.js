// What the report says of a person: who is of the same family of resemblance, where the map has them, what to check.
import { $, element } from "./elements.js";
import { ofPerson } from "./pictures.js";
import { facesShown, toPhoto } from "./person.js";
import { toPerson } from "./route.js";
import { read } from "./service.js";
import { named, say, shown } from "./words.js";

const MOST_OF_FAMILY = 24;

export async function showReported(name, still) {
  const { ok, answer } = await read(`/people/${encodeURIComponent(name)}/report`);
  if (!ok || !still()) return;
  const { in_report: row, on_map: place, family, checks } = answer;
  $("reported").hidden = !row && !place && !family.length && !checks.length;
  for (const [id, address] of [["onMap", place], ["inReport", row]]) {
    $(id).hidden = !address;
    if (address) $(id).href = address;
  }
  const others = family.filter((one) => one !== name);
  $("familyPart").hidden = !others.length;
  $("family").replaceChildren(...others.slice(0, MOST_OF_FAMILY).map(member));
  $("checkPart").hidden = !checks.length;
  $("checks").replaceChildren(...checks.map((one) => element("li", {}, ...check(one, name))));
}

function member(name) {
  const image = element("img", { className: "face", src: ofPerson(name, 104), alt: "", width: 104, height: 104, loading: "lazy" });
  return element("li", {}, element("a", { href: toPerson(name) }, image, element("bdi", { textContent: shown(name) })));
}

// In words, with the photo to open, and the other person to go to.
function check({ kind, person, photo, other_person: other }, name) {
  const words = [say(`suspect.${kind}`)];
  const face = person === name && facesShown().faces.find((one) => one.photo === photo);
  if (face) words.push(": ", element("a", { href: toPhoto(name, face.id), textContent: photo, dir: "auto" }));
  const whom = person === name ? other : person;
  if (whom && whom !== name) words.push(" · ", element("a", { href: toPerson(whom), textContent: named(whom), dir: "auto" }));
  return words;
}
