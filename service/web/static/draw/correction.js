/** Ask for the right label, send it to the service, and delete it again if the user takes it back. */

import { post } from "../api/post.js";
import { format, texts } from "../texts.js";

const ADDRESS = "corrections";

/**
 * @typedef {object} Mistake
 * @property {Blob} image that was sent.
 * @property {Stroke[]} strokes in the image; none for an uploaded picture.
 * @property {{digit: ?number, model: {name: string, version: number}}} prediction for the image.
 */

export class Correction {
  #root;
  #message;
  #takeBack;
  #mistake;
  #ask;
  #id = null;
  #unanswered = { text: "", key: "" }; // sent, but perhaps not kept

  /**
   * @param {HTMLElement} root a popover with a button for each digit, marked by `data-label`, and one for non-digits.
   * @param {() => Mistake} mistake called for the prediction to correct when a label is chosen.
   * @param {() => string} ask called for the heading when the popover opens.
   */
  constructor(root, mistake, ask) {
    this.#root = root;
    this.#message = root.querySelector(".message");
    this.#takeBack = root.querySelector(".take-back");
    this.#mistake = mistake;
    this.#ask = ask;
    root.addEventListener("beforetoggle", () => this.#prepare());
    root.addEventListener("keydown", ({ key }) => root.querySelector(`[data-label="${CSS.escape(key)}"]`)?.click());
    this.#takeBack.addEventListener("click", () => this.#delete());
    for (const button of root.querySelectorAll("[data-label]")) {
      button.addEventListener("click", () => this.#send(button.dataset.label, button.getAttribute("aria-label")));
    }
  }

  #prepare() {
    this.#root.querySelector("h2").textContent = this.#ask();
    this.#show("", null);
  }

  async #send(label, name) {
    this.#enable(false); // otherwise a second press would send it twice
    const { image, strokes, prediction } = this.#mistake();
    const correction = {
      label: label === "" ? null : Number(label),
      image: await toDataUrl(image),
      strokes: strokes.map(({ points }) => points.map(([x, y]) => [x, y])),
      said: prediction.digit,
      model: `${prediction.model.name} ${prediction.model.version}`,
    };
    const text = JSON.stringify(correction);
    if (text !== this.#unanswered.text) this.#unanswered = { text, key: makeKey() };
    const headers = { "Content-Type": "application/json", "Idempotency-Key": this.#unanswered.key };
    const { answer, words, again } = await post(ADDRESS, text, undefined, headers);
    if (!again) this.#unanswered = { text: "", key: "" };
    if (answer) this.#show(format(texts.correct_thanks, { name }), answer.id);
    else this.#show(again ? texts.correct_failed : words, null);
  }

  async #delete() {
    const response = await fetch(`${ADDRESS}/${this.#id}`, { method: "DELETE" }).catch(() => null);
    if (response?.ok) this.#show(texts.correct_taken_back, null);
    else this.#message.textContent = texts.correct_failed;
  }

  /** @param {?string} id of the correction that can be taken back. */
  #show(words, id) {
    this.#id = id;
    this.#message.textContent = words;
    this.#takeBack.hidden = id === null;
    this.#enable(id === null);
  }

  #enable(isEnabled) {
    for (const button of this.#root.querySelectorAll("[data-label]")) button.disabled = !isEnabled;
  }
}

/** A random key: if an answer is lost and the user tries again, the service keeps the correction once. */
function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toDataUrl(blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.readAsDataURL(blob);
  });
}
