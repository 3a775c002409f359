// What the staff do: let a device in, and choose how the booth works.
import { $, embedded } from "../elements.js";
import { problem, root } from "../service.js";
import { say } from "../words.js";

export let settings = embedded("settings");

const post = (path, content) =>
  fetch(`${root}/booth/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) })
    .catch(() => null);

$("unlock").addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await post("pass", { code: $("passCode").value });
  if (response?.ok) location.reload();
  else $("unlocked").textContent = problem((await response?.json().catch(() => null)) ?? {});
});

function fill() {
  const { elements } = $("choices");
  for (const name of ["language", "countdown", "rest", "card"]) elements[name].value = settings[name];
  elements.mirror.checked = settings.mirror;
  elements.where.value = settings.where.join("\n");
  elements.code.value = "";
  $("chosen").textContent = "";
}

function chosen() {
  const { elements } = $("choices");
  const numbers = Object.fromEntries(["countdown", "rest", "card"].map((name) => [name, Number(elements[name].value)]));
  const where = elements.where.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return { language: elements.language.value, mirror: elements.mirror.checked, ...numbers, where };
}

$("staff").addEventListener("click", () => {
  fill();
  $("choosing").showModal();
});
$("choices").addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await post("settings", { code: $("choices").elements.code.value, settings: chosen() });
  const answer = (await response?.json().catch(() => null)) ?? {};
  if (response?.ok) {
    settings = answer;
    $("choosing").close();
    dispatchEvent(new Event("chosen"));
  } else {
    $("chosen").textContent = answer.type === "bad-parameter" ? say("badSettings") : problem(answer);
  }
});
$("unchosen").addEventListener("click", () => $("choosing").close());
$("choosing").addEventListener("close", fill); // takes the code away
$("fullscreen").addEventListener("click", () => {
  $("choosing").close();
  document.documentElement.requestFullscreen?.().catch(() => null); // a browser may not allow it
});
