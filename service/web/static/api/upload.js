/** Files that the user chooses, photographs, drops or pastes. */

/**
 * @param {HTMLInputElement[]} inputs of type "file".
 * @param {(files: File[]) => void} chosen called with the files, at least one.
 */
export function listenForFiles(inputs, chosen) {
  const take = (files) => files.length && chosen([...files]);

  for (const input of inputs) {
    input.addEventListener("change", () => {
      take(input.files);
      input.value = ""; // so that choosing the same file again is a change
    });
  }
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    markDropping(event.dataTransfer.types.includes("Files"));
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) markDropping(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    markDropping(false);
    take(event.dataTransfer.files);
  });
}

/**
 * @param {File} file
 * @returns {boolean} whether it holds shapes, which browsers show, in place of pixels, which the service reads.
 */
export function isSvg(file) {
  return file.type === "image/svg+xml" || /\.svgz?$/i.test(file.name);
}

/**
 * @param {File} file
 * @returns {Promise<File>} a smaller one if it is a large photo; the file itself where that fails.
 */
export async function scaled(file) {
  const scaling = await import("./picture_scaling.js").catch(() => null);
  return scaling ? scaling.toScaled(file) : file;
}

/**
 * @param {File} file
 * @returns {FormData} a form to post; the service detects the format from the bytes of a form's file.
 */
export function toForm(file) {
  const form = new FormData();
  form.set("image", file);
  return form;
}

function markDropping(dropping) {
  document.body.classList.toggle("dropping", dropping);
}
