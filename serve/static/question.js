// The question that an address asks, and its answer, which is kept as long as the same is asked.
import { askedPhoto, formOf } from "./ask.js";
import { read } from "./service.js";

export const ROWS = 13;
let last = { key: "", photo: null, answers: new Map() };

// The path and the body of a question about a person, a face, or the photo of the visitor.
export function questionOf({ view, parts: [who, ...others] }) {
  if (view === "photo") return { path: `/similar?face=${/^[0-9]{1,3}$/.test(who) ? who : "main"}`, photo: askedPhoto() };
  if (view === "face") return { path: `/similar?image=${encodeURIComponent(`face:${who}`)}` };
  return { path: `/similar?person=${encodeURIComponent(who)}`, person: who, others };
}

// The answer to a question, under some conditions; "more" are further parameters.
export async function answerTo(question, where, more = {}) {
  const key = JSON.stringify([question.path, where]);
  if (last.key !== key || last.photo !== question.photo) last = { key, photo: question.photo, answers: new Map() };
  const query = new URLSearchParams([...Object.entries({ k: ROWS, ...more }), ...where.map((one) => ["where", one])]);
  const { answers } = last;
  const of = query.toString();
  if (!answers.has(of)) answers.set(of, ask(question, query));
  const found = await answers.get(of);
  if (!found.ok) answers.delete(of); // it is asked again next time
  return found;
}

const ask = ({ path, photo }, query) =>
  read(`${path}&${query}`, photo ? { method: "POST", body: formOf(photo) } : {});

// Answers are of the gallery as it was: whoever changes it asks again.
export const forgetAnswers = () => { last = { key: "", photo: null, answers: new Map() }; };
