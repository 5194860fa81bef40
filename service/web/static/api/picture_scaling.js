/** Make a photo small enough to be sent quickly, without blocking the page. */

const ADDRESS = new URL("./scaling_worker.js", import.meta.url);

/**
 * @param {File} file
 * @returns {Promise<File>} a smaller picture of the same name; the file itself if it is small enough or cannot be decoded.
 */
export async function toScaled(file) {
  const worker = new Worker(ADDRESS, { type: "module" });
  const answered = new Promise((resolve) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", () => resolve(null)); // the worker could not be loaded
  });
  worker.postMessage(file);
  const picture = await answered;
  worker.terminate();
  return picture ? new File([picture], file.name, { type: picture.type }) : file;
}
