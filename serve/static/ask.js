// Asking with a photo: chosen, dropped, pasted or taken. It stays in this page, and is gone with it.
import { $, element } from "./elements.js";
import { prepared } from "./pictures.js";
import { addressOf, go } from "./route.js";
import { say, tell } from "./words.js";

let photo = null; // { blob, picture }: what is sent, and the address under which the page shows it

export const askedPhoto = () => photo;

export function formOf({ blob }) {
  const form = new FormData();
  form.append("image", blob, "photo");
  return form;
}

async function askWith(file) {
  if (!file) return;
  tell(() => say("looking"));
  const blob = await prepared(file);
  if (photo) URL.revokeObjectURL(photo.picture);
  $("search").value = "";
  photo = { blob, picture: URL.createObjectURL(blob) };
  go(addressOf("photo"));
}

// The camera.

let stream = null;

async function openCamera() {
  if (!isSecureContext || !navigator.mediaDevices) {
    tell(() => say("cameraInsecure"));
    return;
  }
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
  } catch (error) {
    tell(() => say(error.name === "NotAllowedError" ? "cameraRefused" : "noCamera"));
    return;
  }
  $("film").srcObject = stream;
  $("filming").showModal();
}

function shoot() {
  const film = $("film");
  const canvas = element("canvas", { width: film.videoWidth, height: film.videoHeight });
  canvas.getContext("2d").drawImage(film, 0, 0);
  $("filming").close();
  canvas.toBlob(askWith, "image/jpeg", 0.95);
}

// A photo may be dropped anywhere; a page that does not say so would show it instead of itself.
const carriesFile = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
for (const name of ["dragover", "dragleave", "drop"]) {
  addEventListener(name, (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name === "drop") askWith(event.dataTransfer.files[0]);
  });
}
$("photo").addEventListener("change", ({ target }) => {
  askWith(target.files[0]);
  target.value = ""; // so that the same photo can be chosen again
});
document.addEventListener("paste", ({ clipboardData }) => askWith(clipboardData.files[0]));
$("camera").addEventListener("click", openCamera);
$("shoot").addEventListener("click", shoot);
$("stop").addEventListener("click", () => $("filming").close());
$("filming").addEventListener("close", () => stream?.getTracks().forEach((track) => track.stop()));
