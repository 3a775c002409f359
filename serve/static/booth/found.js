// What a visitor is shown: whom they look like, and the way to take it along.
import { $, element, isolated } from "../elements.js";
import { language, say } from "../words.js";

let found = null;
const PICTURES = ["best", "you", "code"];

export function show(answer) {
  found = answer;
  const [best] = answer.found;
  put("best", best?.picture);
  put("you", answer.asked);
  put("code", answer.card?.code);
  tell();
}

// Nothing of a visitor is left on the page.
export function clear() {
  found = null;
  for (const id of PICTURES) put(id, null);
  for (const id of ["nobodyAlike", "result", "degree", "frequency", "why", "scan"]) $(id).textContent = "";
  $("others").querySelector("ul").replaceChildren();
}

// Says it all in the page's language.
export function tell() {
  if (!found) return;
  const [best, ...others] = found.found;
  const name = best && isolated(best.name[language]);
  $("result").textContent = !best ? say("nobody") : found.nobody_alike ? name : say("result", { name });
  $("nobodyAlike").textContent = found.nobody_alike ? found.nobody_alike[language] : "";
  for (const what of ["degree", "frequency", "why"]) $(what).textContent = best ? best[what][language] : "";
  $("best").alt = best ? say("faceOf", { name: isolated(best.name[language]) }) : "";
  $("you").alt = say("you");
  $("code").alt = say("code");
  $("scan").textContent = found.card ? say("scan", { minutes: found.card.minutes }) : "";
  $("take").hidden = !found.card;
  $("others").hidden = !others.length;
  $("others").querySelector("ul").replaceChildren(...others.map(card));
}

function card(one) {
  const picture = element("img", { className: "face", alt: "" });
  if (one.picture) picture.src = one.picture;
  const words = [element("bdi", { textContent: one.name[language] }), element("span", { className: "small", textContent: one.degree[language] })];
  return element("li", {}, picture, ...words);
}

function put(id, picture) {
  if (picture) $(id).src = picture;
  else $(id).removeAttribute("src");
}
