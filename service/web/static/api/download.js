/** A file that the page makes, saved where the browser saves files. */

/**
 * @param {string} name of the file.
 * @param {string} type its media type.
 * @param {string} text what is in it.
 */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
