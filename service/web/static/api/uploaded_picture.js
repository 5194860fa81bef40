/** The uploaded picture, shown instead of a drawing. */

export class UploadedPicture {
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
    return !this.#figure.hidden;
  }

  /** @param {File} file shown by its name if the browser cannot display it. */
  show(file) {
    this.remove();
    this.#image.alt = this.#caption.textContent = file.name;
    this.#image.src = URL.createObjectURL(file);
    this.#figure.hidden = false;
  }

  remove() {
    URL.revokeObjectURL(this.#image.src);
    this.#image.removeAttribute("src");
    this.#image.hidden = true;
    this.#figure.hidden = true;
  }
}
