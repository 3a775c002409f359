"use strict";
// The dialog that compares two faces and shows why they are alike.
// Template and parts of a face, from the service: { side, template, parts }.
const FACE = JSON.parse($("face-parts").textContent);
const LARGE = 448;

let comparison = 0;

async function compare(row) {
  const mine = ++comparison;
  const asked = question;
  const name = isolated(shown(row.person));
  $("compared").textContent = `${name}: ${degree(row)}`;
  $("yours").src = asked.body ? upright(answered.query.face.landmarks) : asked.picture;
  $("yours").alt = say().asked;
  $("theirs").src = row.faces[0].crop;
  $("theirs").alt = say().faceOf(name);
  $("other").textContent = shown(row.person);
  $("verdict").replaceChildren(...surely(row));
  $("likely").textContent = likely(row);
  $("onward").textContent = say().onward(name);
  $("onward").onclick = () => { $("compare").close(); askWithPerson(row.person); };
  $("parts").replaceChildren(element("dt", { textContent: say().looking }));
  tint({});
  $("compare").showModal();
  asked.explained ??= send(asked, { ...asked.extra, explain: 1 });
  const { ok, answer } = await asked.explained;
  if (!ok) asked.explained = null; // ask again next time
  if (mine !== comparison) return;
  if (!ok) {
    $("parts").replaceChildren(element("dt", { textContent: problem(answer) }));
    return;
  }
  const found = answer.results.find((one) => one.faces[0].id === row.faces[0].id);
  showParts(found?.why ?? {});
  tint(found?.why ?? {});
}

// The face in the uploaded photo, turned and scaled like those of the gallery: by the similarity transform that maps
// its landmarks to the template with the least squared error, as in engine/faces/alignment.py.
function upright(landmarks) {
  const target = FACE.template.map((point) => point.map((one) => (one * LARGE) / FACE.side));
  const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const [from, to] = [middle(landmarks), middle(target)];
  let [turn, tilt, spread] = [0, 0, 0];
  landmarks.forEach(([x, y], place) => {
    const [u, v] = [x - from[0], y - from[1]];
    const [p, q] = [target[place][0] - to[0], target[place][1] - to[1]];
    turn += u * p + v * q;
    tilt += u * q - v * p;
    spread += u * u + v * v;
  });
  const [a, b] = [turn / spread, tilt / spread];
  const canvas = element("canvas", { width: LARGE, height: LARGE });
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.setTransform(a, b, -b, a, to[0] - a * from[0] + b * from[1], to[1] - b * from[0] - a * from[1]);
  brush.drawImage($("preview"), 0, 0);
  return canvas.toDataURL("image/jpeg", 0.92);
}

// Colours the parts of both faces: the larger a part's share of the similarity, the stronger its colour.
function tint(why) {
  const most = Math.max(...Object.values(why), 0.01);
  for (const veil of document.querySelectorAll(".tint")) {
    veil.replaceChildren(...Object.entries(why).flatMap(([name, part]) => FACE.parts[name].map((box) => {
      const [left, top, right, bottom] = box;
      const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const where = { x: left, y: top, width: right - left, height: bottom - top, opacity: part / most };
      for (const [key, value] of Object.entries(where)) made.setAttribute(key, value);
      made.dataset.part = name;
      return made;
    })));
  }
}

function showParts(why) {
  const parts = Object.entries(why).filter(([, part]) => part >= 0.005).sort((one, other) => other[1] - one[1]);
  if (!parts.length) {
    $("parts").replaceChildren(element("dt", { textContent: say().whyNot }));
    return;
  }
  $("parts").replaceChildren(...parts.flatMap(([name, part]) => {
    const bar = element("span", { className: "bar" });
    bar.style.width = `${Math.round(part * 100)}%`;
    const value = element("dd", {}, bar, element("span", { textContent: `${Math.round(part * 100)} %` }));
    return [element("dt", { textContent: say().parts[name] }), value];
  }));
}

$("close").addEventListener("click", () => $("compare").close());
