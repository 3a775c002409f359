// Addresses of what the page shows: #/, #/person/NAME, #/face/ID, #/photo, #/pair/NAME/NAME and so on, with filters.

const VIEWS = ["home", "person", "face", "photo", "pair", "which"];

// { view, parts, where }: what an address names, and the conditions that everybody in it meets.
export function routeOf(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view, ...parts] = path.split("/").map((part) => decoded(part));
  const known = VIEWS.includes(view) ? view : "home";
  return { view: known, parts, where: new URLSearchParams(query).getAll("where") };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function addressOf(view, parts = [], where = routeOf().where) {
  const path = [view === "home" ? "" : view, ...parts].filter((part) => part !== "").map(encodeURIComponent).join("/");
  const query = new URLSearchParams(where.map((one) => ["where", one])).toString();
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
  const { view, parts } = routeOf();
  go(addressOf(view, parts, where));
}
