/** Scale a picture in a thread of its own: it receives a file, and answers with a smaller Blob, or null to keep the file. */

const LONGEST_SIDE = 1600; // pixels
const QUALITY = 0.85; // of the JPEG

addEventListener("message", async ({ data }) => {
  postMessage(await toSmaller(data).catch(() => null));
});

/**
 * @param {Blob} file
 * @returns {Promise<?Blob>} a JPEG, turned as the photo says, or a PNG of a picture with transparent parts; null if it is
 *   small enough.
 */
async function toSmaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const share = LONGEST_SIDE / Math.max(picture.width, picture.height);
  if (share >= 1) return null;
  const canvas = new OffscreenCanvas(Math.ceil(picture.width * share), Math.ceil(picture.height * share));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high"; // otherwise thin lines vanish
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: isOpaque(data) ? "image/jpeg" : "image/png", quality: QUALITY });
}

function isOpaque(pixels) {
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 255) return false;
  return true;
}
