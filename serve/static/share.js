// A picture to share: of two faces, or of the first three look-alikes. It is drawn by the service, and kept nowhere.
import { askedPhoto, formOf } from "./ask.js";
import { $ } from "./elements.js";
import { jsonOf, problem, send } from "./service.js";
import { language, say } from "./words.js";

let card = null; // { who, other, name }: whom it shows
let picture = null; // the file that was drawn last
let number = 0;

// The two faces that are looked at now can be shared, or the first three of an answer.
export function offerCard({ view, parts }, { results: [best] }) {
  card = best ? { view, parts, best: best.person } : null;
  for (const one of document.querySelectorAll(".share")) one.hidden = !card;
}

function query() {
  const { view, parts: [who], best } = card;
  const of = view === "face" ? { image: `face:${who}` } : view === "photo" ? {} : { person: who };
  if (view === "photo" && /^[0-9]+$/.test(who)) of.face = who;
  const shows = $("shows").value === "pair" ? { other: best } : { k: 3 };
  return new URLSearchParams({ ...of, ...shows, format: $("shape").value, language });
}

async function draw() {
  const mine = ++number;
  $("cardState").textContent = say("drawing");
  $("save").hidden = $("sendOn").hidden = true;
  const photo = card.view === "photo" ? askedPhoto() : null;
  const response = await send(`/card.png?${query()}`, photo ? { method: "POST", body: formOf(photo) } : {});
  if (mine !== number) return;
  if (!response?.ok) {
    $("cardState").textContent = problem((await jsonOf(response)) ?? {});
    return;
  }
  picture = new File([await response.blob()], "niteru.png", { type: "image/png" });
  URL.revokeObjectURL($("card").src);
  $("card").src = $("save").href = URL.createObjectURL(picture);
  $("card").alt = say("shareTitle");
  $("cardState").textContent = "";
  $("save").hidden = false;
  $("sendOn").hidden = !navigator.canShare?.({ files: [picture] });
}

for (const one of document.querySelectorAll(".share")) {
  one.addEventListener("click", () => {
    $("sharing").showModal();
    draw();
  });
}
for (const id of ["shape", "shows"]) $(id).addEventListener("change", draw);
$("sendOn").addEventListener("click", () => navigator.share({ files: [picture] }).catch(() => null)); // may be called off
$("unshare").addEventListener("click", () => $("sharing").close());
