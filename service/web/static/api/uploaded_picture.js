/** The uploaded picture, shown instead of a drawing. */

export class UploadedPicture {
  /** @type {?File} What the user chose; null while no picture is shown. */
  file = null;

  #figure;
  #image;
  #caption;

  /** @param {HTMLElement} figure with an `img` and a `figcaption`. */
  constructor(figure) {
    this.#figure = figure;
    this.#image = figure.querySelector("img");
    this.#caption = figure.querySelector("figcaption");
    this.#image.addEventListener("load", () => (this.#image.hidden = false));
  }

  get image() {
    return this.#image;
  }

  /** Whether the image has loaded; the browser may be unable to display one that the service reads. */
  get canBeCut() {
    return this.#image.naturalWidth > 0;
  }

  get isShown() {
    return this.file !== null;
  }

  /** @param {File} file shown by its name, until the picture is, and if the browser cannot display it. */
  expect(file) {
    this.remove();
    this.file = file;
    this.#image.alt = this.#caption.textContent = file.name;
    this.#figure.hidden = false;
  }

  /** @param {Blob} sent the picture as the service gets it: in its pixels are the boxes of an answer. */
  show(sent) {
    this.#image.src = URL.createObjectURL(sent);
  }

  remove() {
    this.file = null;
    URL.revokeObjectURL(this.#image.src);
    this.#image.removeAttribute("src");
    this.#image.hidden = true;
    this.#figure.hidden = true;
  }
}
