/** Save a file that the page made, as a download. */

/**
 * @param {string} name of the file.
 * @param {string} type its media type.
 * @param {string} text content of the file.
 */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
