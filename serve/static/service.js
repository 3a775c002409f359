// Questions to the service, and what it says when it cannot answer.
import { embedded } from "./elements.js";
import { ofSession } from "./memory.js";
import { language, say } from "./words.js";

// The path under which a proxy shows the service; empty without one.
export const root = document.documentElement.dataset.root;

// A key comes in an address such as the one that `niteru serve` prints, and is kept until the browser is closed.
const KEY = `key${root}`;
const brought = /^#key=([!-~]+)$/.exec(location.hash)?.[1];
if (brought) {
  ofSession.setItem(KEY, decodeURIComponent(brought));
  history.replaceState(null, "", location.pathname + location.search);
}
// What came back; null where nothing did, or what a proxy wrote instead.
export const jsonOf = async (response) => (await response?.json().catch(() => null)) ?? null;

export function send(path, options = {}) {
  const key = ofSession.getItem(KEY);
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  return fetch(root + path, { ...options, headers }).catch(() => null);
}

export async function read(path, options = {}) {
  const response = await send(path, options);
  const answer = await jsonOf(response);
  return { ok: Boolean(response?.ok && answer), answer: answer ?? {} };
}

export const write = (path, content) =>
  read(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });

// What went wrong and what to do, in the sentences of serve/http/problems_in_words.py.
const PROBLEMS = embedded("problems");
export const problem = ({ type, request_id: request }) =>
  PROBLEMS[type]?.[language].replace("{request_id}", request) ?? say("silent");

// Whether whoever has the page may change names: the service knows it of a key that the browser sends by itself.
const { may } = ofSession.getItem(KEY) ? (await read("/key")).answer : document.documentElement.dataset;
export const mayWrite = Boolean(may?.includes("write"));
