// Addresses of what the page shows: #/, #/person/NAME, #/face/ID, #/photo, #/pair/NAME/NAME and so on, with filters.

const VIEWS = ["home", "person", "face", "photo", "pair", "which"];

const MORE = ["age", "not_related"];

// { view, parts, where, more }: what an address names, the conditions that everybody in it meets, and at which age, or
// without relatives, somebody is asked about.
export function routeOf(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, ...parts] = path.split("/").map((part) => decoded(part));
  const known = VIEWS.includes(view) ? view : "home";
  const said = new URLSearchParams(query);
  const more = Object.fromEntries(MORE.filter((name) => said.get(name)).map((name) => [name, said.get(name)]));
  return { view: known, parts, where: said.getAll("where"), more };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function addressOf(view, parts = [], where = routeOf().where, more = {}) {
  const path = [view === "home" ? "" : view, ...parts].filter((part) => part !== "").map(encodeURIComponent).join("/");
  const query = new URLSearchParams([...where.map((one) => ["where", one]), ...Object.entries(more)]).toString();
  return `#/${path}${query ? `?${query}` : ""}`;
}

export const toPerson = (name) => addressOf("person", [name]);
export const toFace = (id) => addressOf("face", [id]);
export const toPair = (one, other) => addressOf("pair", [one, other]);

export function go(address) {
  if (location.hash === address) dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = address;
}

// Goes to the same place with other filters.
export function filterBy(where) {
  const { view, parts, more } = routeOf();
  go(addressOf(view, parts, where, more));
}

// Goes to the same place, at another age or without relatives; an empty value is none.
export function askMore(change) {
  const { view, parts, where, more } = routeOf();
  const wanted = Object.entries({ ...more, ...change }).filter(([, value]) => value);
  go(addressOf(view, parts, where, Object.fromEntries(wanted)));
}
