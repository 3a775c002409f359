"use strict";
// Without it the report is whole; with it, a name can be searched for.
const search = document.getElementById("search");
const rows = [...document.querySelectorAll(".row")];
search.hidden = false;
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.dataset.name.includes(wanted);
});
