// Filters by the columns of a table: they are part of the address, and hold for every question until they are removed.
import { $, button, element } from "./elements.js";
import { filterBy, routeOf } from "./route.js";
import { problem, read } from "./service.js";
import { say } from "./words.js";

let filters = null; // conditions as the service takes them, "agency:Elite" or "born:1990..2000"; null before the first
let columns = []; // what the service says of each column, for the people who are left
let left = 0; // people who meet all filters

export const columnsHere = () => columns;

const described = (where, path = "/columns") => read(`${path}?${new URLSearchParams(where.map((one) => ["where", one]))}`);

// Takes over the filters of the address; returns whether they are others than before.
export async function applyFilters(wanted) {
  if (filters !== null && String(wanted) === String(filters)) return false;
  const first = filters === null;
  filters = wanted;
  const { ok, answer } = await described(wanted);
  if (ok) ({ columns, people: left } = answer);
  showFilters();
  $("refused").textContent = ok || answer.type === "not-ready" ? "" : refusal(answer);
  return !first || wanted.length > 0;
}

const refusal = (answer) => (answer.type === "bad-parameter" ? say("badFilter") : problem(answer));

export function showFilters() {
  const chosen = filters ?? [];
  $("filters").hidden = !columns.length && !chosen.length;
  $("refused").textContent = "";
  $("chosen").replaceChildren(...chosen.map((one) => {
    const [column, value] = parted(one);
    const words = element("span", { textContent: `${column}: ${value.replace("..", "–")}`, dir: "auto" });
    const act = () => {
      filterBy(chosen.filter((other) => other !== one));
      $("more").focus();
    };
    return element("li", {}, button(act, { className: "chip", ariaLabel: say("unfilter", { filter: one }) }, words, " ×"));
  }));
  $("left").textContent = !chosen.length ? "" : left ? say("left", { n: left }) : say("filteredOut");
}

// A column's name may have colons in it.
function parted(one) {
  const named = columns.map(({ column }) => column).filter((column) => one.startsWith(`${column}:`));
  const [name] = [...named.sort((some, other) => other.length - some.length), one.split(":")[0]];
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

// A filter goes into the address only if the service understands it.
async function addFilter(event) {
  event.preventDefault();
  const { column } = chosenColumn();
  const [value, from, to] = ["value", "from", "to"].map((name) => $(name).value.trim());
  if (!value && !from && !to) {
    $("refused").textContent = say("noFilter");
    return;
  }
  const wanted = [...new Set([...routeOf().where, `${column}:${value || `${from}..${to}`}`])];
  const { ok, answer } = await described(wanted);
  if (!ok) {
    $("refused").textContent = refusal(answer);
    return;
  }
  closeFilter();
  filterBy(wanted);
  $("more").focus();
}

$("more").addEventListener("click", () => ($("adding").hidden ? openFilter() : closeFilter()));
$("column").addEventListener("change", showInputs);
$("adding").addEventListener("submit", addFilter);
$("adding").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeFilter();
  $("more").focus();
});
