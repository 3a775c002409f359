"use strict";
// Filters by the columns of a table: they stand beside the question, and hold for every question until they are removed.

let filters = []; // conditions as the service takes them: "agency:Elite", "born:1990..2000"
let columns = []; // what the service says of each column, for the people who are left

const inFilters = () => filters.map((one) => ["where", one]);

async function described(where, path = "/columns") {
  const query = new URLSearchParams(where.map((one) => ["where", one]));
  return read(`${root}${path}?${query}`);
}

// Changes the filters if the service understands them, one change after the other, and asks the question again.
let changing = Promise.resolve();
const filterBy = (change) => (changing = changing.then(() => apply(change(filters))));

async function apply(wanted) {
  const { ok, answer } = await described(wanted);
  const refused = ok ? "" : answer.type === "bad-parameter" ? say().badFilter : problem(answer);
  const fewer = wanted.length < filters.length; // a filter can be taken away, whatever is wrong with the others
  if (!ok && !fewer) {
    $("refused").textContent = refused;
    return false;
  }
  const changed = String(wanted) !== String(filters);
  filters = wanted;
  if (ok) columns = answer.columns;
  showFilters(ok ? answer.people : left);
  $("refused").textContent = refused;
  if (changed && question) ask(question, question.extra);
  return true;
}

let left = 0; // people who meet all filters

function showFilters(people = left) {
  left = people;
  $("filters").hidden = !columns.length;
  $("refused").textContent = "";
  $("chosen").replaceChildren(...filters.map((one) => {
    const [column, value] = parted(one);
    const words = element("span", { textContent: `${column}: ${value.replace("..", "–")}`, dir: "auto" });
    const button = element("button", { type: "button", ariaLabel: say().unfilter(one) }, words, " ×");
    button.addEventListener("click", () => {
      filterBy((all) => all.filter((other) => other !== one));
      $("more").focus();
    });
    return element("li", {}, button);
  }));
  $("left").textContent = !filters.length ? "" : people ? say().left(people) : say().filteredOut;
}

// A column's name may have colons in it.
function parted(one) {
  const name = columns.map(({ column }) => column).filter((column) => one.startsWith(`${column}:`))
    .sort((some, other) => other.length - some.length)[0];
  return [name, one.slice(name.length + 1)];
}

const chosenColumn = () => columns.find(({ column }) => column === $("column").value);

function openFilter() {
  $("column").replaceChildren(...columns.map(({ column }) => element("option", { textContent: column, value: column })));
  $("adding").hidden = false;
  $("more").setAttribute("aria-expanded", "true");
  showInputs();
  $("column").focus();
}

function closeFilter() {
  $("adding").hidden = true;
  $("more").setAttribute("aria-expanded", "false");
  $("refused").textContent = "";
}

// A range for numbers and dates, completed values for words, and both for a column that has both.
async function showInputs() {
  const column = chosenColumn();
  const ends = column?.range;
  $("ends").hidden = !ends;
  $("word").hidden = Boolean(ends) && !column.words;
  for (const [name, end] of [["from", ends?.low], ["to", ends?.high]]) {
    $(name).value = "";
    $(name).placeholder = end ?? "";
  }
  $("value").value = "";
  $("values").replaceChildren();
  if ($("word").hidden) return;
  const { ok, answer } = await described(filters, `/columns/${encodeURIComponent(column.column)}`);
  if (!ok || column !== chosenColumn()) return;
  $("values").replaceChildren(...answer.values.slice(0, 500).map(({ value, people }) =>
    element("option", { value, label: `${value} (${people})` })));
}

async function addFilter(event) {
  event.preventDefault();
  const { column } = chosenColumn();
  const [value, from, to] = ["value", "from", "to"].map((name) => $(name).value.trim());
  if (!value && !from && !to) {
    $("refused").textContent = say().noFilter;
    return;
  }
  const wanted = `${column}:${value || `${from}..${to}`}`;
  if (await filterBy((all) => [...new Set([...all, wanted])])) {
    closeFilter();
    $("more").focus();
  }
}

$("more").addEventListener("click", () => ($("adding").hidden ? openFilter() : closeFilter()));
$("column").addEventListener("change", showInputs);
$("adding").addEventListener("submit", addFilter);
$("adding").addEventListener("keydown", (event) => { if (event.key === "Escape") { closeFilter(); $("more").focus(); } });
