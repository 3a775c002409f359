"use strict";
// Begins when all other scripts are there.
addEventListener("spoken", () => {
  document.title = `niteru · ${say().naming}`;
  $("names").setAttribute("aria-label", say().called);
  $("faces").dataset.ids = "";
  showAll();
});

async function toAddressed() {
  const number = Number(location.hash.slice(1));
  if (number && number !== chosen && (await loadPile(number))) focusOn(number);
}

addEventListener("hashchange", toAddressed);
addEventListener("focus", () => { if (!under_way) refresh(); }); // another page may have named some meanwhile

async function start() {
  await Promise.all([refresh(), listPeople()]);
  await toAddressed();
  speak(language);
  toField();
}

start();
