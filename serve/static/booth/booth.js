// The booth: a welcome, the camera, an answer, and back to the welcome with nothing left.
import { $ } from "../elements.js";
import { problem, root } from "../service.js";
import { language, say, speak, tell } from "../words.js";
import { Refused, grab, openCamera, stop } from "./camera.js";
import * as found from "./found.js";
import { settings } from "./staff.js";

const film = $("film");
let visit = 0; // whatever began in another visit is of no interest
let asking = null;
let left = 0; // seconds of rest

function closeCamera() {
  stop(film.srcObject);
  film.srcObject = null;
}

const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const shown = () => document.querySelector("main > section:not([hidden])").id;

function go(where) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== where;
  $("booth").dataset.state = where;
  left = settings.rest;
  tellRest();
  $(where).querySelector("h1").focus({ preventScroll: true });
  scrollTo(0, 0);
}

// Back to the start: the camera is closed, and neither photo nor answer is left.
function reset() {
  visit += 1;
  asking?.abort();
  asking = null;
  closeCamera();
  found.clear();
  $("count").textContent = "";
  $("choosing").close();
  tell(() => "");
  film.classList.toggle("mirrored", settings.mirror);
  speak(settings.language);
  go("welcome");
}

async function begin() {
  const mine = ++visit;
  go("filming");
  hint("opening");
  const stream = await openCamera().catch((error) => error);
  if (mine !== visit) {
    if (stream instanceof MediaStream) stop(stream);
    return;
  }
  if (stream instanceof Refused) {
    fail(() => say(stream.message));
    return;
  }
  film.srcObject = stream;
  await film.play().catch(() => null); // the visit may end meanwhile
  if (mine !== visit) return;
  hint("place");
  $("shoot").focus();
}

async function shoot() {
  const mine = visit;
  $("booth").dataset.hint = "counting"; // takes the button away
  $("hint").focus({ preventScroll: true });
  for (let second = settings.countdown; second > 0; second -= 1) {
    $("count").textContent = second;
    tell(() => String(second));
    await wait(1);
    if (mine !== visit) return;
  }
  $("count").textContent = "";
  const photo = await grab(film);
  if (mine !== visit) return;
  film.pause();
  hint("looking");
  await ask(photo, mine);
}

async function ask(photo, mine) {
  const form = new FormData();
  form.append("image", photo, "photo.jpg");
  asking = new AbortController();
  const response = await fetch(`${root}/booth/answer?language=${language}`, { method: "POST", body: form, signal: asking.signal })
    .catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (mine !== visit) return;
  closeCamera();
  if (response?.ok && answer) {
    found.show(answer);
    tell(() => [$("result"), $("degree"), $("frequency")].map((one) => one.textContent).join(". "));
    go("answer");
  } else if (answer?.type === "wrong-code") {
    location.reload(); // the service has begun anew, and this device must be let in again
  } else {
    fail(() => (["no-face", "face-too-small"].includes(answer?.type) ? say("unseen") : answer?.type ? problem(answer) : say("silent")));
  }
}

let reason = () => "";
function fail(words) {
  reason = words;
  closeCamera();
  $("reason").textContent = words();
  tell(words);
  go("trouble");
}

let hinted = "place";
function hint(key) {
  hinted = key;
  $("hint").textContent = say(key);
  $("booth").dataset.hint = key;
  tell(() => say(key));
}

function tellRest() {
  $("back").textContent = say("back", { n: left });
}

// At the start only a language that somebody chose, or settings left open, are something to go back from.
const isAtRest = () => shown() === "locked" || (shown() === "welcome" && language === settings.language && !$("choosing").open);

setInterval(() => {
  if (isAtRest()) return;
  left -= 1;
  tellRest();
  if (left <= 0) reset();
}, 1000);
for (const sign of ["pointerdown", "keydown", "change"]) addEventListener(sign, () => { left = settings.rest; });

addEventListener("spoken", () => {
  for (const one of $("language").querySelectorAll("input")) one.checked = one.value === language;
  $("consent").textContent = settings.card ? say("consent", { minutes: settings.card }) : say("consentPlain");
  $("hint").textContent = say(hinted);
  $("reason").textContent = reason();
  found.tell();
  tellRest();
});
addEventListener("chosen", reset);
addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !$("choosing").open && !["welcome", "locked"].includes(shown())) reset();
});
$("start").addEventListener("click", begin);
$("retry").addEventListener("click", begin);
$("shoot").addEventListener("click", shoot);
for (const button of document.querySelectorAll(".stop")) button.addEventListener("click", reset);

// The screen stays on where the browser can see to it.
const stayOn = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => null);
document.addEventListener("visibilitychange", stayOn);
stayOn();

if ($("booth").dataset.letIn === "yes") {
  reset();
} else {
  go("locked");
  speak(settings.language);
}
