// Two faces beside each other: how alike they are, and where the likeness lies.
import { askedPhoto } from "./ask.js";
import { $, element } from "./elements.js";
import { cutOut, showFace, showPicture, tint } from "./pictures.js";
import { answerTo, questionOf } from "./question.js";
import { degree, likely, surely } from "./resemblance.js";
import { addressOf, go, toFace, toPerson } from "./route.js";
import { problem } from "./service.js";
import { offerCard } from "./share.js";
import { named, say, shown, tell, tellNext } from "./words.js";

// An address names two people, or a face or the visitor's photo and a person.
export async function openPair(route, still) {
  const [one, other] = route.parts;
  const question = route.view === "pair" ? questionOf({ view: "person", parts: [one] }) : questionOf(route);
  if (route.view === "photo" && !question.photo) {
    tellNext(() => say("photoGone"));
    go(addressOf("home"));
    return;
  }
  $("both").hidden = true;
  const { ok, answer } = await answerTo(question, [], { k: 1, other, explain: 1 });
  if (!still()) return;
  const row = ok ? answer.results[0] : null;
  tell(() => (row ? "" : ok ? say("nobody") : problem(answer)));
  if (!row) return;
  $("both").hidden = false;
  const mine = route.view === "photo" ? null : answer.query.person ?? "";
  $("compared").textContent = mine ? say("pairOf", { one: named(mine), other: named(row.person) }) : named(row.person);
  await showMine(route, answer.query, mine);
  showFace($("theirs"), row.faces[0].id, say("faceOf", { name: named(row.person) }), 448);
  $("theirName").textContent = shown(row.person);
  $("verdict").textContent = degree(row);
  $("verdict").classList.toggle("mark", row.same_person);
  $("howOften").replaceChildren(...surely(row));
  $("likely").textContent = likely(row);
  for (const frame of [$("mine"), $("theirs")]) tint(frame, row.why ?? {});
  showParts(row.why);
  $("onwards").replaceChildren(...[mine, row.person].filter(Boolean).map((name) =>
    element("a", { className: "button", href: toPerson(name), textContent: say("like", { name: named(name) }) })));
  offerCard(route, answer);
}

async function showMine(route, { face }, person) {
  $("myName").textContent = person === null ? say("asked") : shown(person);
  $("mine").hidden = false;
  if (person !== null) {
    showFace($("mine"), face.id, say("faceOf", { name: named(person) }), 448);
    return;
  }
  const photo = element("img", { src: askedPhoto().picture });
  $("mine").hidden = !(await photo.decode().then(() => true, () => false)); // some browsers cannot read HEIC
  if ($("mine").hidden) return;
  const { address, inset } = cutOut(photo, face.landmarks);
  showPicture($("mine"), address, say("asked"), inset);
}

function showParts(why) {
  const parts = Object.entries(why ?? {}).filter(([, part]) => part >= 0.005).sort((one, other) => other[1] - one[1]);
  $("parts").replaceChildren(...parts.flatMap(([name, part]) => {
    const bar = element("span", { className: "bar" });
    bar.style.width = `${Math.round(part * 100)}%`;
    const share = element("span", { textContent: `${Math.round(part * 100)} %` });
    return [element("dt", { textContent: say(`part.${name}`) }), element("dd", {}, bar, share)];
  }));
  $("noPart").textContent = parts.length ? "" : say(why ? "whyNot" : "whyUnknown");
}
