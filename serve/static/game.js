// A small game: which of two people is the look-alike of a third?
import { $, button, element } from "./elements.js";
import { peopleHere } from "./home.js";
import { ofPerson } from "./pictures.js";
import { read, write } from "./service.js";
import { named, say, tell } from "./words.js";

const ROUNDS_AHEAD = 100;
let people = [];
let pairs = [];
let round = null;
let [right, played] = [0, 0];

export async function openGame(_, still) {
  const [names, { ok, answer }] = await Promise.all([peopleHere(), read(`/pairs?k=${ROUNDS_AHEAD}`)]);
  if (!still()) return;
  people = names;
  pairs = ok ? answer.pairs : [];
  if (people.length < 3 || !pairs.length) {
    tell(() => say("whichFew"));
    $("round").hidden = true;
    return;
  }
  if (!round) deal();
  showRound();
}

const one = (list) => list[Math.floor(Math.random() * list.length)];

// Somebody, their look-alike, and a third person by chance.
function deal() {
  const pair = one(pairs);
  const [asked, alike] = Math.random() < 0.5 ? [pair.one, pair.other] : [pair.other, pair.one];
  const others = people.filter((name) => name !== asked && name !== alike);
  const sides = [alike, one(others)];
  round = { asked, alike, sides: Math.random() < 0.5 ? sides : sides.reverse(), chosen: null };
}

function showRound() {
  $("round").hidden = false;
  $("whichLead").textContent = say("whichLead", { name: named(round.asked) });
  $("askedOne").src = ofPerson(round.asked, 260);
  $("askedOne").alt = say("faceOf", { name: named(round.asked) });
  $("sides").replaceChildren(...round.sides.map((name) => {
    const image = element("img", { className: "face", src: ofPerson(name, 260), alt: say("faceOf", { name: named(name) }), width: 260, height: 260 });
    const made = button(() => choose(name), { disabled: round.chosen !== null }, image, element("bdi", { textContent: name }));
    made.classList.toggle("alike", round.chosen !== null && name === round.alike);
    return made;
  }));
  $("thinks").textContent = round.chosen === null ? "" : say(round.chosen === round.alike ? "whichAgree" : "whichDiffer", { name: named(round.alike) });
  $("dealAgain").hidden = round.chosen === null;
  $("score").textContent = played ? say("whichScore", { right, n: played }) : "";
}

function choose(name) {
  round.chosen = name;
  const [odd] = round.sides.filter((one) => one !== name);
  if ($("keepMine")?.checked) write("/judgements", { asked: round.asked, alike: name, odd });
  played += 1;
  if (name === round.alike) right += 1;
  showRound();
  $("dealAgain").focus();
}

$("dealAgain").addEventListener("click", () => {
  deal();
  showRound();
});
