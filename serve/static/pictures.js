// Pictures of faces: from the gallery's photos through the service, and from a visitor's photo in the browser alone.
import { embedded } from "./elements.js";
import { root } from "./service.js";

// Template and parts of a face, from the service: { side, template, parts, around }.
const FACE = embedded("face-parts");
const LARGE = 640;
const MOST_SENT = 2000; // pixels of the longer side of a photo that is sent
const SMALL_FILE = 1_500_000;

const sharply = (side) => Math.min(1024, Math.ceil((side * Math.min(devicePixelRatio, 2)) / 64) * 64);
export const portrait = (who, side) => `${root}/portrait.jpg?${new URLSearchParams({ ...who, side: sharply(side) })}`;
export const ofPerson = (name, side = 160) => portrait({ person: name }, side);
export const ofFace = (id, side = 160) => portrait({ image: `face:${id}` }, side);

// Shows a face of the gallery, and tells how far inside its edges the crop lies, which a tint must know.
export async function showFace(frame, id, alt, side = LARGE / 2) {
  const response = await fetch(ofFace(id, side)).catch(() => null);
  if (!response?.ok) return;
  showPicture(frame, URL.createObjectURL(await response.blob()), alt, Number(response.headers.get("Face-Inset")));
}

export function showPicture(frame, address, alt, inset = 0) {
  const image = frame.querySelector("img");
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  Object.assign(image, { src: address, alt });
  frame.style.setProperty("--inset", `${100 * inset}%`);
}

// Colours the parts of a face: the larger a part's share of the similarity, the stronger its colour.
export function tint(frame, why) {
  const most = Math.max(...Object.values(why), 0.01);
  const veil = frame.querySelector(".tint");
  veil.setAttribute("viewBox", `0 0 ${FACE.side} ${FACE.side}`);
  veil.replaceChildren(...Object.entries(why).flatMap(([name, part]) => FACE.parts[name].map((box) => {
    const [left, top, right, bottom] = box;
    const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const where = { x: left, y: top, width: right - left, height: bottom - top, opacity: part / most };
    for (const [key, value] of Object.entries(where)) made.setAttribute(key, value);
    made.dataset.part = name;
    return made;
  })));
}

// A photo as it is sent: turned and made smaller where it is large and the browser can read it.
export async function prepared(file) {
  const bitmap = file.size > SMALL_FILE ? await createImageBitmap(file).catch(() => null) : null;
  if (!bitmap) return file;
  const shrink = Math.min(1, MOST_SENT / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * shrink), Math.round(bitmap.height * shrink));
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.93 });
}

// The face in a visitor's photo, turned, scaled and surrounded like those of the gallery: by the similarity transform
// that maps its landmarks to the template with the least squared error, as in engine/faces/alignment.py.
export function cutOut(photo, landmarks) {
  const { a, b, x, y } = transform(landmarks);
  const around = surroundings(photo, a, b, x, y);
  const scale = LARGE / (FACE.side * (1 + 2 * around));
  const shift = around * FACE.side;
  const canvas = Object.assign(document.createElement("canvas"), { width: LARGE, height: LARGE });
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.setTransform(a * scale, b * scale, -b * scale, a * scale, (x + shift) * scale, (y + shift) * scale);
  brush.drawImage(photo, 0, 0);
  return { address: canvas.toDataURL("image/jpeg", 0.92), inset: around / (1 + 2 * around) };
}

// From the photo's pixels (u, v) to the crop's: (a u - b v + x, b u + a v + y).
function transform(landmarks) {
  const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const [from, to] = [middle(landmarks), middle(FACE.template)];
  let [turn, tilt, spread] = [0, 0, 0];
  landmarks.forEach(([x, y], place) => {
    const [u, v] = [x - from[0], y - from[1]];
    const [p, q] = [FACE.template[place][0] - to[0], FACE.template[place][1] - to[1]];
    turn += u * p + v * q;
    tilt += u * q - v * p;
    spread += u * u + v * v;
  });
  const [a, b] = [turn / spread, tilt / spread];
  return { a, b, x: to[0] - a * from[0] + b * from[1], y: to[1] - b * from[0] - a * from[1] };
}

// How much of a photo can be shown around the crop, as surroundings() there computes it.
function surroundings(photo, a, b, x, y) {
  const size = a * a + b * b;
  const [p, q] = [FACE.side / 2 - x, FACE.side / 2 - y];
  const middle = [(a * p + b * q) / size, (a * q - b * p) / size];
  const reach = ((Math.abs(a) + Math.abs(b)) / size) * (FACE.side / 2);
  const room = [photo.naturalWidth, photo.naturalHeight].map((side, axis) => Math.min(middle[axis], side - middle[axis]));
  return Math.min(FACE.around, Math.max(0, (Math.min(...room) / reach - 1) / 2));
}
