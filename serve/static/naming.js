// Begins when all other scripts are there.
import { $ } from "./elements.js";
import { chosen, focusOn, keyless, showAll, toField } from "./pile-in-focus.js";
import { isUnderWay, listPeople, loadPile, refresh } from "./piles.js";
import { say, speak } from "./words.js";

addEventListener("spoken", () => {
  document.title = `niteru · ${say("naming")}`;
  $("names").setAttribute("aria-label", say("called"));
  $("faces").dataset.ids = "";
  showAll();
});

async function toAddressed() {
  const number = Number(location.hash.slice(1));
  if (number && number !== chosen && (await loadPile(number))) focusOn(number);
}

addEventListener("hashchange", toAddressed);
addEventListener("focus", () => { if (!isUnderWay()) refresh(); }); // another page may have named some meanwhile

async function start() {
  $("keyless").hidden = !keyless;
  const listed = listPeople();
  await refresh();
  await toAddressed();
  toField(); // whoever sees the faces may type, before everybody with a name is listed
  await listed;
  speak();
  $("naming").removeAttribute("aria-busy");
}

start();
