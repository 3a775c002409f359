// Asks a running service, sends it a photo to keep, corrects it, and lets it forget somebody: node built/ask.js ADDRESS KEY PHOTO NAME
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./niteru.js";

const [address = "", key = "", photo = "", name = ""] = process.argv.slice(2);
const niteru = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${key}` } });

/** The answer, or an end with what the problem document says. */
function answered<Answer>(reply: { data?: Answer; error?: components["schemas"]["Problem"] }): Answer {
  if (reply.data === undefined) throw new Error(`${reply.error?.type}: ${reply.error?.detail}`);
  return reply.data;
}

/** A form with one photo; the description can only say that a file is a string. */
async function form(field: string): Promise<FormData> {
  const data = new FormData();
  data.append(field, new Blob([await readFile(photo)]), "photo.png");
  return data;
}

const people = answered(await niteru.GET("/people", { params: { query: { limit: 2 } } }));
const sent = await form("image");
const similar = answered(
  await niteru.POST("/similar", { params: { query: { k: 3 } }, body: {}, bodySerializer: () => sent }),
);
const pair = await form("one");
const comparison = answered(
  await niteru.POST("/compare", { params: { query: { other: name } }, body: {}, bodySerializer: () => pair }),
);
const face = similar.results[0]?.faces[0]?.id;
const crop = await niteru.GET("/faces/{number}.jpg", {
  params: { path: { number: String(face) } },
  parseAs: "arrayBuffer",
});
const more = await form("image");
const enrolled = answered(
  await niteru.POST("/people/{name}/photos", {
    params: { path: { name: "Aunt Mary" } },
    body: {},
    bodySerializer: () => more,
  }),
);
const number = String(enrolled.faces[0]?.id);
const corrected = answered(await niteru.POST("/names", { body: { who: [`face:${number}`], name } }));
answered(await niteru.DELETE("/names/last"));
const back = answered(await niteru.GET("/faces/{number}", { params: { path: { number } } }));
answered(await niteru.DELETE("/faces/{number}", { params: { path: { number } } }));
const forgotten = answered(await niteru.DELETE("/people/{name}", { params: { path: { name } } }));
const gone = await niteru.GET("/people/{name}", { params: { path: { name } } });

console.log(
  JSON.stringify({
    total: people.total,
    nearest: similar.results[0]?.person,
    same_person: comparison.same_person,
    crop: crop.data?.byteLength,
    corrected: corrected.name,
    back: back.person,
    clean: forgotten.clean,
    gone: gone.error?.type,
  }),
);
