// The camera of the booth, and why a browser does not open it.

// One of the words "insecure", "denied", "none" and "inUse".
export class Refused extends Error {}

const REASONS = {
  NotAllowedError: "denied", SecurityError: "denied",
  NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "inUse", AbortError: "inUse",
};

export async function openCamera() {
  if (!isSecureContext || !navigator.mediaDevices) throw new Refused("insecure");
  const wanted = { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1080 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video: wanted });
  } catch (error) {
    throw new Refused(REASONS[error.name] ?? "inUse");
  }
}

export function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// What the camera sees now, as a JPEG that nothing else holds.
export async function grab(film) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [film.videoWidth, film.videoHeight];
  canvas.getContext("2d").drawImage(film, 0, 0);
  const photo = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  canvas.width = canvas.height = 0;
  return photo;
}
