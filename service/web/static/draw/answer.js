/** Show what was read: one digit or a number, ten bars, how sure they are, and the image that the model read. */

/** @import { Announcer } from "./announcer.js" */
/** @import { Prediction } from "../api/predictor.js" */
/** @import { Reading } from "../api/reading.js" */

import { DigitList } from "../number/digit_list.js";
import { candidates, digitWords, doubtWords, numberWords, placeWords } from "../number/number_words.js";
import { format, texts, toPercent } from "../texts.js";

const REJECTED = ["not_a_digit", "several_digits"];

export class Answer {
  /** The digits of a number. */
  digits;

  #root;
  #announcer;
  #reading = null;

  /**
   * @param {HTMLElement} root the section of the answer.
   * @param {Announcer} announcer
   * @param {() => void} changed called when another digit of a number is shown, or the same one is lit.
   */
  constructor(root, announcer, changed) {
    this.#root = root;
    this.#announcer = announcer;
    this.digits = new DigitList(this.#part(".number"), () => {
      this.#showDigit();
      changed();
    });
  }

  /**
   * @param {Prediction} prediction
   * @param {number} milliseconds from the request to the response.
   * @param {boolean} ofPicture whether it is of a picture, not of a drawing.
   */
  show(prediction, milliseconds, ofPicture) {
    const { reason, canonical } = prediction;
    if (reason === "blank") return this.say(ofPicture ? texts.blank_picture : texts.draw);
    const words = digitWords(prediction);
    this.#endNumber();
    this.#verdict(REJECTED.includes(reason) ? "?" : prediction.digit, words, reason);
    this.#bars(prediction);
    this.#origin(prediction, milliseconds);
    this.showSeen(canonical);
    this.#announcer.say(reason ? words : `${prediction.digit}, ${words}`);
  }

  /**
   * @param {Reading} reading of at least one digit.
   * @param {number} milliseconds from the request to the response.
   */
  showNumber(reading, milliseconds) {
    this.#reading = reading;
    this.#root.toggleAttribute("data-number", true);
    this.digits.show(reading);
    this.#showDigit();
    this.#origin(reading, milliseconds);
    this.#announcer.say(numberWords(reading));
  }

  /** @param {?string} canonical data URL of the image that the model read; null if there is none. */
  showSeen(canonical) {
    const image = this.#part(".seen img");
    image.hidden = !canonical;
    if (canonical) image.src = canonical;
  }

  /** @param {string} words shown instead of an answer. */
  say(words) {
    this.#endNumber();
    this.#verdict("", words, null);
    this.#bars({ probabilities: [] });
    this.#part(".origin").textContent = "";
    this.showSeen(null);
    this.#announcer.say(words);
  }

  /** @param {number} share of a picture that has been sent, 0..1; announced once. */
  showProgress(share) {
    const isSent = share === 1;
    const words = format(isSent ? texts.reading : texts.sending, { percent: Math.floor(100 * share) });
    this.#verdict("", words, null);
    this.#announcer.say(isSent ? words : texts.sending_announced);
  }

  #showDigit() {
    const index = this.digits.index;
    const digit = this.#reading.digits[index];
    this.#verdict("", `${doubtWords(this.#reading)}${placeWords(this.#reading, index)}: ${digitWords(digit)}`, null);
    this.#bars(digit);
  }

  #endNumber() {
    this.#reading = null;
    this.#root.toggleAttribute("data-number", false);
    this.digits.hide();
  }

  #verdict(digit, words, reason) {
    this.#root.toggleAttribute("data-reason", reason !== null);
    this.#part(".digit").textContent = digit;
    this.#part(".words").textContent = words;
  }

  #bars(digit) {
    const { probabilities } = digit;
    const likely = probabilities.length ? candidates(digit) : [];
    for (const [value, row] of this.#root.querySelectorAll(".bars li").entries()) {
      row.classList.toggle("candidate", likely.includes(value));
      row.querySelector(".bar").style.setProperty("--share", probabilities[value] ?? 0);
      row.querySelector(".share").textContent = value in probabilities ? toPercent(probabilities[value]) : "";
    }
  }

  #origin({ model }, milliseconds) {
    const origin = { model: model.name, version: model.version, milliseconds: Math.round(milliseconds) };
    this.#part(".origin").textContent = format(texts.origin, origin);
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }
}
