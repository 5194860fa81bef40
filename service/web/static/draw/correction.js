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
  #opened = null; // the mistake that the dialog is about, as a promise of what is sent
  #kept = new Map(); // by image: the id of its correction, and what it is kept as; nothing is kept twice
  #unanswered = { text: "", key: "" }; // sent, but perhaps not kept

  /**
   * @param {HTMLElement} root a popover with a button for each digit, marked by `data-label`, and one for non-digits.
   * @param {() => Mistake} mistake called for the prediction to correct when the popover opens.
   * @param {() => string} ask called for the heading when the popover opens.
   */
  constructor(root, mistake, ask) {
    this.#root = root;
    this.#message = root.querySelector(".message");
    this.#takeBack = root.querySelector(".take-back");
    this.#mistake = mistake;
    this.#ask = ask;
    root.addEventListener("beforetoggle", ({ newState }) => {
      if (newState === "open") this.#prepare();
    });
    root.addEventListener("keydown", (event) => this.#press(event));
    root.querySelector(".close").addEventListener("click", () => root.hidePopover());
    this.#takeBack.addEventListener("click", () => this.#delete());
    for (const button of root.querySelectorAll("[data-label]")) {
      button.addEventListener("click", () => this.#send(button.dataset.label, button.getAttribute("aria-label")));
    }
  }

  async #prepare() {
    this.#root.querySelector("h2").textContent = this.#ask();
    const opened = toContent(this.#mistake());
    this.#opened = opened;
    this.#show("", false);
    const kept = this.#kept.get((await opened).image);
    if (kept && this.#opened === opened) this.#show(format(texts.correct_thanks, kept), true);
  }

  /** A digit's key chooses it; a key that is held, as Enter from the button that opened the dialog, does nothing. */
  #press(event) {
    const { key, repeat, ctrlKey, metaKey, altKey } = event;
    if (repeat && key !== "Tab") event.preventDefault();
    if (repeat || ctrlKey || metaKey || altKey) return;
    this.#root.querySelector(`[data-label="${CSS.escape(key)}"]`)?.click();
  }

  async #send(label, name) {
    this.#enable(false); // otherwise a second press would send it twice
    const content = await this.#opened;
    if (this.#kept.has(content.image)) return;
    const text = JSON.stringify({ label: label === "" ? null : Number(label), ...content });
    if (text !== this.#unanswered.text) this.#unanswered = { text, key: makeKey() };
    const headers = { "Content-Type": "application/json", "Idempotency-Key": this.#unanswered.key };
    const { answer, words, again } = await post(ADDRESS, text, { headers });
    if (!again) this.#unanswered = { text: "", key: "" };
    if (answer) this.#kept.set(content.image, { id: answer.id, name });
    this.#show(answer ? format(texts.correct_thanks, { name }) : again ? texts.correct_failed : words, Boolean(answer));
  }

  async #delete() {
    const { image } = await this.#opened;
    const { id } = this.#kept.get(image);
    const response = await fetch(`${ADDRESS}/${id}`, { method: "DELETE" }).catch(() => null);
    if (!response?.ok) return (this.#message.textContent = texts.correct_failed);
    this.#kept.delete(image);
    this.#show(texts.correct_taken_back, false);
  }

  /** @param {boolean} isKept whether the correction is kept, and can be taken back. */
  #show(words, isKept) {
    const hadFocus = this.#root.contains(document.activeElement);
    this.#message.textContent = words;
    this.#takeBack.hidden = !isKept;
    this.#enable(!isKept);
    if (hadFocus) (isKept ? this.#takeBack : this.#root).focus();
  }

  #enable(isEnabled) {
    if (!isEnabled && this.#root.contains(document.activeElement)) this.#root.focus(); // a disabled button would lose it
    for (const button of this.#root.querySelectorAll("[data-label]")) button.disabled = !isEnabled;
  }
}

/** @param {Mistake} mistake */
async function toContent({ image, strokes, prediction: { digit, model } }) {
  return {
    image: await toDataUrl(image),
    strokes: strokes.map(({ points }) => points.map(([x, y]) => [x, y])),
    said: digit,
    model: `${model.name} ${model.version}`,
  };
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
